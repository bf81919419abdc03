import ImageModel
import RegistryHTTP
import Testing

/// Somebody who asks, by one of the ways to say who it is.
struct TestCaller: Sendable, CustomTestStringConvertible {
    enum Credentials: Sendable, Equatable {
        /// A user and a password, or none.
        case basic
        /// What `/v2/_token` gave.
        case bearer
        /// What v1 gave with a response about a repository.
        case v1Token(V1Token, of: String)
        /// What nobody gave.
        case forged(String)
    }

    /// What a token of v1 was given for.
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

    /// What the person sends, who fetches a token first where it is one.
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

    /// Whether what they send is good for an endpoint at all, whatever the rules say.
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

    /// What an endpoint answers them.
    func status(of row: Endpoint) -> Int {
        if case .nothing = row.need { return row.status }
        guard isAccepted(at: row) else { return 401 }
        let refusal = person.isUser ? 403 : 401
        switch row.need {
        case .nothing, .list: return row.status
        // Someone in particular, or nobody who has a token that says so.
        case .login: return person.isUser || credentials == .bearer ? row.status : 401
        case .actions(let actions, let name):
            return actions.allSatisfy { person.may($0, name) } ? row.status : refusal
        // To whoever may see some image, one that they may not see is not there.
        case .image(let name): return person.may(.pull, name) ? row.status : 404
        case .imagePush: return person == .ci || person == .boss ? row.status : refusal
        }
    }
}
