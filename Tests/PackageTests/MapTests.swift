import Foundation
import Testing

/// The map of the sources, `Sources/README.md`, says only what is so.
@Suite struct MapTests {
    @Test("every type and function that it names exists")
    func walks() throws {
        let sources = try ImportTests.allowed.keys.sorted().flatMap { try SwiftSource.all(of: $0) }
        let types = sources.reduce(into: Set<String>()) { $0.formUnion($1.extendedTypes) }
        let tests = try FileManager.default
            .subpathsOfDirectory(atPath: SwiftSource.root.deletingLastPathComponent().appending(path: "Tests").path)
            .map { URL(filePath: $0).deletingPathExtension().lastPathComponent }
        var functions = 0
        for name in try Self.quotedNames() where name.wholeMatch(of: /[A-Z]\w+(\.\w+)?/) != nil {
            let parts = name.split(separator: ".").map(String.init)
            guard parts.last != "swift" else { continue }
            guard parts.count == 2, parts[1].first?.isLowercase == true else {
                for part in parts { #expect(types.contains(part) || tests.contains(part), "\(name) does not exist") }
                continue
            }
            functions += 1
            #expect(
                sources.contains { $0.extendedTypes.contains(parts[0]) && $0.functions.contains(parts[1]) },
                "\(name) is not in Sources"
            )
        }
        #expect(functions > 20)
    }

    @Test("every file and folder that it names exists")
    func files() throws {
        let root = SwiftSource.root.deletingLastPathComponent()
        var count = 0
        for name in try Self.quotedNames() where name.contains("/") && !name.contains(" ") && !name.hasSuffix("/*") {
            // What is below `longshore/` in a registry's directory is not a file of the sources.
            let places = [root, SwiftSource.root, SwiftSource.root.appending(path: "RegistryCore")]
            count += 1
            #expect(
                name == "longshore/"
                    || places.contains { FileManager.default.fileExists(atPath: $0.appending(path: name).path) },
                "\(name) does not exist"
            )
        }
        #expect(count > 5)
    }

    /// What stands between backticks.
    private static func quotedNames() throws -> [String] {
        let text = try String(contentsOf: SwiftSource.root.appending(path: "README.md"), encoding: .utf8)
        return text.matches(of: /`([^`\n]+)`/).map { String($0.1) }
    }
}
