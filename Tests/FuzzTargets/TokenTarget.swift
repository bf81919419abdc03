import Foundation
import HTTPTypes
import ImageModel
import RegistryHTTP

extension FuzzTarget {
    /// A JSON Web Token of another service: only tokens signed by the service are accepted.
    static let token = FuzzTarget(waiting: "token") { input in
        let text = FuzzInput.text(input)
        let world = try await FuzzWorld(access: issuer)
        let response = try await world.response(.get, "/v2/", headers: [.authorization: "Bearer \(text)"])
        try require([200, 401].contains(response.status.code), "a token is accepted or refused")
        guard response.status.code == 200 else { return }
        let signed = text.split(separator: ".").prefix(2).joined(separator: ".")
        try require(good.contains(signed), "an accepted token was signed")
    }

    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "testdata/auth")

    private static let issuer: AccessControl? = {
        var token = TokenSettings(realm: "https://issuer.test", service: "registry.test", issuer: "issuer.test")
        token.certificatesPath = folder.appending(path: "bundle.pem").path
        token.keySetPath = folder.appending(path: "keys.json").path
        var settings = AccessSettings()
        settings.authentication = .token(token)
        return try? FuzzWorld.access(settings)
    }()

    /// The signed parts of the valid tokens.
    private static let good: Set<String> = {
        guard let file = try? Data(contentsOf: folder.appending(path: "tokens.json")),
            let tokens = try? JSONValue(parsing: Array(file)).array
        else { return [] }
        let texts = tokens.filter { $0["isGood"]?.boolean == true }.compactMap { $0["token"]?.string }
        return Set(texts.map { $0.split(separator: ".").prefix(2).joined(separator: ".") })
    }()
}
