package import Foundation

/// An input from `testdata/fuzz`, in the folder of its target.
package struct FuzzSeed: Sendable, CustomStringConvertible {
    /// Its target's name and its own.
    package let description: String
    /// The input.
    package let bytes: [UInt8]

    /// The folder of all seeds.
    package static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appending(path: "testdata/fuzz")

    /// The seeds of a target, by name.
    package static func all(of target: FuzzTarget) throws -> [FuzzSeed] {
        let folder = folder.appending(path: target.name)
        return try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted().map { name in
            let bytes = Array(try Data(contentsOf: folder.appending(path: name)))
            return FuzzSeed(description: "\(target.name)/\(name)", bytes: bytes)
        }
    }
}
