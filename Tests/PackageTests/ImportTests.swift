import Foundation
import Testing

/// The architecture: each target imports what is listed here and nothing else.
@Suite struct ImportTests {
    static let allowed: [String: Set<String>] = [
        "ImageModel": [],
        "SystemLibraries": ["CCompression", "CCrypt", "COpenSSL", "CISAL", "CZlib", "ImageModel", "Synchronization"],
        "Conversion": ["ImageModel", "SystemLibraries"],
        "Storage": ["Glibc", "NIOCore", "NIOPosix", "Synchronization"],
        "RegistryCore": [
            "Conversion", "Foundation", "ImageModel", "Logging", "NIOCore", "NIOFoundationCompat", "NIOPosix",
            "Storage",
            "Synchronization", "SystemLibraries",
        ],
        "RegistryHTTP": [
            "Darwin", "Glibc", "HTTPTypes", "HummingbirdCore", "ImageModel", "Logging", "NIOCore", "NIOExtras",
            "NIOHTTP1", "NIOHTTP2", "NIOHTTPTypes", "NIOHTTPTypesHTTP1", "NIOPosix", "NIOSSL", "NIOTLS", "RegistryCore",
            "ServiceLifecycle", "Storage", "Synchronization", "SystemLibraries",
        ],
        "WebPage": [
            "Foundation", "HTTPTypes", "ImageModel", "Logging", "Mustache", "NIOCore", "RegistryCore", "RegistryHTTP",
            "Storage", "Synchronization", "SystemLibraries",
        ],
        "Operations": [
            "AsyncHTTPClient", "CoreMetrics", "Dispatch", "Foundation", "Glibc", "HTTPTypes", "ImageModel", "Logging",
            "NIOCore", "NIOHTTP1", "NIOPosix", "RegistryCore", "RegistryHTTP", "ServiceLifecycle", "Storage",
            "Synchronization",
        ],
        "RegistryClient": [
            "AsyncHTTPClient", "Foundation", "ImageModel", "NIOCore", "NIOHTTP1", "NIOSSL", "Synchronization",
        ],
        "Migration": [
            "Conversion", "Foundation", "ImageModel", "NIOCore", "NIOFoundationCompat", "RegistryClient",
            "RegistryCore",
            "Storage", "Synchronization", "SystemLibraries",
        ],
        "Settings": ["Yams"],
        "longshore": [
            "ArgumentParser", "Conversion", "Dispatch", "Foundation", "Glibc", "HTTPTypes", "ImageModel", "Logging",
            "Migration", "NIOCore", "NIOPosix", "Operations",
            "RegistryClient", "RegistryCore", "RegistryHTTP", "ServiceLifecycle", "Settings", "Storage",
            "Synchronization", "SystemLibraries", "UnixSignals", "WebPage",
        ],
    ]

    @Test("every target imports only what the architecture allows", arguments: allowed.keys.sorted())
    func imports(of target: String) throws {
        let files = try Self.swiftFiles(of: target)
        #expect(!files.isEmpty)
        for file in files {
            for module in try Self.imports(in: file) {
                #expect(
                    Self.allowed[target]?.contains(module) == true || module == Self.sanitizerLocks,
                    "\(target) must not import \(module): \(file.lastPathComponent)"
                )
            }
        }
    }

    @Test("every folder of Sources with Swift files is a target of this test")
    func targets() throws {
        let folders = try FileManager.default.contentsOfDirectory(atPath: Self.sources.path)
        let swift = try folders.filter { try !Self.swiftFiles(of: $0).isEmpty }
        #expect(Set(swift) == Set(Self.allowed.keys))
    }

    /// The replacement of Synchronization's locks in a build with Thread Sanitizer.
    private static let sanitizerLocks = "SanitizerLocks"

    private static let sources = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Sources")

    private static func swiftFiles(of target: String) throws -> [URL] {
        let folder = sources.appending(path: target)
        return try FileManager.default.subpathsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".swift") }
            .map { folder.appending(path: $0) }
    }

    private static func imports(in file: URL) throws -> [String] {
        try String(contentsOf: file, encoding: .utf8).split(separator: "\n").compactMap { line in
            var words = line.split(separator: " ")[...]
            while let first = words.first,
                ["package", "internal", "public", "@preconcurrency", "@testable"].contains(first)
            {
                words = words.dropFirst()
            }
            return words.first == "import" ? words.dropFirst().last.map(String.init) : nil
        }
    }
}
