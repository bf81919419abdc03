import ImageModel
import Testing

@testable import RegistryHTTP

/// A token, and whether it must be accepted.
struct TokenSample: Sendable, CustomTestStringConvertible {
    let name: String
    let isGood: Bool
    let token: String

    var testDescription: String { name }
}

@Suite("A token of another service")
struct TokenVerifierTests {
    static let samples: [TokenSample] = {
        let list = (try? JSONValue(parsing: Testdata.bytes("auth/tokens.json")))?.array ?? []
        return list.compactMap { entry in
            guard let name = entry["name"]?.string, let isGood = entry["isGood"]?.boolean,
                let token = entry["token"]?.string
            else { return nil }
            return TokenSample(name: name, isGood: isGood, token: token)
        }
    }()

    static var settings: TokenSettings {
        var settings = TokenSettings(
            realm: "https://issuer.test/token",
            service: "registry.test",
            issuer: "issuer.test"
        )
        settings.certificatesPath = Testdata.path("auth/bundle.pem")
        settings.keySetPath = Testdata.path("auth/keys.json")
        return settings
    }

    /// In the year 2026.
    private static let now = 1_790_000_000

    @Test(
        "is accepted when it is signed by a trusted key, for this service, by the right issuer, and current",
        arguments: samples
    )
    func verifies(sample: TokenSample) throws {
        let verifier = try TokenVerifier(Self.settings)
        // The second time it is cached.
        for _ in 0..<2 {
            let token = verifier.verify(sample.token, now: Self.now)
            #expect((token != nil) == sample.isGood)
            if let token {
                #expect(token.subject == "amy")
                #expect(token.grants.allows(.pull, "team/app") && !token.grants.allows(.push, "team/app"))
                #expect(!token.grants.allows(.pull, "team/app2") && !token.grants.allowsCatalogue)
            }
        }
    }

    @Test("is not confused with similar ones")
    func count() { #expect(Self.samples.count { $0.isGood } >= 15 && Self.samples.count { !$0.isGood } >= 20) }

    @Test("expires as stated, except for a minute of clock skew, even when it was accepted before")
    func ends() throws {
        let verifier = try TokenVerifier(Self.settings)
        let token = try #require(Self.samples.first).token
        #expect(verifier.verify(token, now: 4_102_444_860) != nil)
        #expect(verifier.verify(token, now: 4_102_444_861) == nil)
        #expect(verifier.verify(token, now: 1_577_836_800 - 60) != nil)
    }

    @Test("is not accepted with an algorithm that the operator has not named")
    func algorithms() throws {
        var settings = Self.settings
        settings.algorithms = ["ES256"]
        let verifier = try TokenVerifier(settings)
        let good = Self.samples.filter { $0.isGood && verifier.verify($0.token, now: Self.now) != nil }
        #expect(!good.isEmpty && good.allSatisfy { $0.name.hasPrefix("ES256") })
        settings.algorithms = ["HS256"]
        #expect(throws: UnusableTokenSettings.algorithm("HS256")) { try TokenVerifier(settings) }
    }

    @Test("needs an existing key")
    func keys() throws {
        var settings = Self.settings
        settings.certificatesPath = nil
        settings.keySetPath = nil
        #expect(throws: UnusableTokenSettings.noKeys) { try TokenVerifier(settings) }
        settings.keySetPath = Testdata.path("auth/bundle.pem")
        #expect(throws: UnusableTokenSettings.self) { try TokenVerifier(settings) }
    }

    static let grantTable: [(String, [AccessAction])] = [
        ("pull", [.pull]), ("*", [.pull, .push, .delete]), ("push", [.push]), ("Pull", []),
    ]

    @Test("lets its bearer do what it names, with a star for everything", arguments: grantTable)
    func grants(action: String, allowed: [AccessAction]) {
        let grants = TokenGrants([.init(type: "repository", name: "a", actions: [action])])
        #expect(AccessAction.allCases.filter { grants.allows($0, "a") } == allowed)
        #expect(!AccessAction.allCases.contains { grants.allows($0, "b") })
    }
}
