import Foundation
import Testing

/// A refusal that is added must not compile until both protocols say what they answer.
@Suite struct RefusalTests {
    @Test(
        "an API renders failures by switches without a default",
        arguments: [
            ("RegistryHTTP/V1/V1Error.swift", "init(_ failure: RequestFailure)"),
            ("RegistryHTTP/V1/V1Error.swift", "init(_ error: RegistryError)"),
            ("RegistryHTTP/V1/V1Error.swift", "init(_ refusal: AccessRefusal)"),
            ("RegistryHTTP/V1/V1Error.swift", "init(_ refusal: V1Refusal)"),
            ("RegistryHTTP/V1/V1Error.swift", "init(_ failure: StorageError)"),
            ("RegistryHTTP/V2/V2Error.swift", "entries(for failure: RequestFailure)"),
            ("RegistryHTTP/V2/V2Error.swift", "init(_ error: RegistryError)"),
            ("RegistryHTTP/V2/V2Error.swift", "init(_ refusal: AccessRefusal)"),
            ("RegistryHTTP/V2/V2Error.swift", "init(_ failure: StorageError)"),
        ]
    )
    func exhaustive(path: String, function: String) throws {
        let text = try String(contentsOf: SwiftSource.root.appending(path: path), encoding: .utf8)
        let start = try #require(text.range(of: function), "\(path) has no \(function)")
        let end = try #require(text.range(of: "\n    }\n", range: start.upperBound..<text.endIndex))
        let body = text[start.upperBound..<end.lowerBound]
        #expect(body.contains("switch "))
        #expect(!body.contains("default:") && !body.contains("@unknown"))
    }
}
