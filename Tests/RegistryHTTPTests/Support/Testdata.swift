import Foundation

/// The files of `testdata/`.
enum Testdata {
    static let root = URL(filePath: #filePath).appending(path: "../../../../testdata").standardized

    /// The path of a file.
    static func path(_ name: String) -> String { root.appending(path: name).path }

    static func bytes(_ name: String) throws -> [UInt8] { Array(try Data(contentsOf: root.appending(path: name))) }

    static func text(_ name: String) throws -> String { String(decoding: try bytes(name), as: UTF8.self) }
}
