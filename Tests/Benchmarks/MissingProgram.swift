import Foundation

/// A program needed for a comparison is not installed.
struct MissingProgram: Error, CustomStringConvertible {
    let description: String

    /// - Throws: ``MissingProgram`` unless there is a program at `path`.
    static func require(_ path: String) throws(MissingProgram) {
        guard !FileManager.default.isExecutableFile(atPath: path) else { return }
        throw MissingProgram(description: "\(path) is not installed")
    }
}
