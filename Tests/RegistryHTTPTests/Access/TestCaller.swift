import ImageModel
import RegistryHTTP
import Testing

/// A client identity with a way to authenticate.
struct TestCaller: Sendable, CustomTestStringConvertible {
    enum Credentials: Sendable, Equatable {
        /// A user and a password, or none.
        case basic
        /// A token from `/v2/_token`.
        case bearer
        /// A v1 token from a response about a repository.
        case v1Token(V1Token, of: String)
        /// A token that this server did not issue.
        case forged(String)
    }

    /// The purpose of a v1 token.
    enum V1Token: String, Sendable {
        case read
        case write
        case delete

        fileprivate var actions: Set<AccessAction> {
            switch self {
            case .read: [.pull]
            case .write: [.pull, .push]
            case .delete: [.pull, .delete]
            }
        }
    }

    let person: AccessWorld.Person
    let credentials: Credentials

    static let all: [TestCaller] =
        AccessWorld.Person.allCases.map { TestCaller(person: $0, credentials: .basic) }
        + [.nobody, .eve, .amy, .ci, .boss].map { TestCaller(person: $0, credentials: .bearer) }
        + [
            (.nobody, .read, "public/app"), (.eve, .read, "public/app"), (.amy, .read, "team/app"),
            (.ci, .read, "team/app"), (.ci, .write, "team/app"), (.boss, .write, "public/app"),
            (.boss, .delete, "team/app"),
        ].map { TestCaller(person: $0, credentials: .v1Token($1, of: $2)) }
        + [
            "Bearer", "Bearer a.b", "Token signature=AAAA.BBBB,repository=\"team/app\",access=write", "Negotiate YQ==",
            "Basic !", "Basic Ym9zcw==",
        ].map { TestCaller(person: .nobody, credentials: .forged($0)) }

    var testDescription: String { "\(person) \(credentials)" }

    /// A client with the person's credentials; fetches a token first if needed.
    func client(port: Int) async throws -> AccessClient {
        var client = AccessClient(port: port, person: person)
        switch credentials {
        case .basic: break
        case .bearer:
            let answer = try await client.send("GET", "/v2/_token?service=registry.test:5000")
            client.authorization = "Bearer \(try JSONValue(parsing: answer.body)["token"]?.string ?? "")"
        case .v1Token(let kind, let name):
            let path = "/v1/repositories/\(name)/"
            let answer =
                switch kind {
                case .read: try await client.send("GET", path + "images")
                case .write: try await client.send("PUT", path, body: Array("[]".utf8))
                case .delete: try await client.send("DELETE", path + "images")
                }
            client.authorization = "Token \(try #require(answer["x-docker-token"]))"
        case .forged(let header): client.authorization = header
        }
        return client
    }

    /// Whether the credentials are valid for an endpoint at all, whatever the rules.
    private func isAccepted(at row: Endpoint) -> Bool {
        switch credentials {
        case .basic: return person.isWelcome
        case .bearer: return row.isV2
        case .forged: return false
        case .v1Token(let kind, let repository):
            switch row.need {
            case _ where row.isV2: return false
            case .nothing, .login, .list, .image: return true
            case .imagePush: return kind.actions.contains(.push)
            case .actions(let actions, let name):
                return name == repository && actions.allSatisfy { kind.actions.contains($0) }
            }
        }
    }

    /// The status of an endpoint for them.
    func status(of row: Endpoint) -> Int {
        if case .nothing = row.need { return row.status }
        guard isAccepted(at: row) else { return 401 }
        let refusal = person.isUser ? 403 : 401
        switch row.need {
        case .nothing, .list: return row.status
        // A known user, or an anonymous one with a token.
        case .login: return person.isUser || credentials == .bearer ? row.status : 401
        case .actions(let actions, let name):
            return actions.allSatisfy { person.may($0, name) } ? row.status : refusal
        // For a caller who may see some images, those that they may not see do not exist.
        case .image(let name): return person.may(.pull, name) ? row.status : 404
        case .imagePush: return person == .ci || person == .boss ? row.status : refusal
        }
    }
}
