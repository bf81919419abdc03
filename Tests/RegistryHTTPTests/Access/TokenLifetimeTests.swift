import Foundation
import RegistryHTTP
import Synchronization
import SystemLibraries
import Testing

@Suite("A token issued by this server")
struct TokenLifetimeTests {
    private static let start = 1_790_000_000
    private static let document = Array("[]".utf8)

    /// The tokens of `ci`: v1 tokens to read and to push, and a v2 token.
    private struct Tokens: Sendable {
        let read: String
        let write: String
        let bearer: String
    }

    /// A directory and a users file, for servers that are started one after the other.
    private struct Harbour: Sendable {
        let tree: ScratchTree
        let users: ScratchTree
        let tokens: Tokens

        /// Has the tokens issued under the usual rules.
        init() async throws {
            let tree = try ScratchTree()
            let users = try ScratchTree()
            try users.write(try AccessWorld.users(), to: "users")
            let access = try AccessWorld.settings(users: "\(users.path)/users")
            self.tokens = try await withRegistry(over: tree.open(), access: access, now: { start }) { port, _ in
                _ = try await AccessWorld(port: port)
                func authorization(_ credentials: TestCaller.Credentials) async throws -> String {
                    try await TestCaller(person: .ci, credentials: credentials).client(port: port).authorization ?? ""
                }
                return Tokens(
                    read: try await authorization(.v1Token(.read, of: "team/app")),
                    write: try await authorization(.v1Token(.write, of: "team/app")),
                    bearer: try await authorization(.bearer)
                )
            }
            self.tree = tree
            self.users = users
        }

        /// The statuses from a restarted server.
        func statuses(
            rules: [String] = AccessWorld.rules,
            after seconds: Int = 0,
            of requests: [(method: String, target: String, authorization: String)]
        ) async throws -> [Int] {
            let access = try AccessWorld.settings(users: "\(users.path)/users", rules: rules)
            return try await withRegistry(over: tree.open(), access: access, now: { start + seconds }) { port, _ in
                var statuses: [Int] = []
                for request in requests {
                    let client = AccessClient(port: port, person: .nobody, authorization: request.authorization)
                    let body = request.method == "PUT" ? document : []
                    statuses.append(try await client.send(request.method, request.target, body: body).status)
                }
                return statuses
            }
        }
    }

    private static let v1 = "/v1/repositories/team/app"
    private static let image = "/v1/images/\(TestImage.id("beef"))/json"

    private static func requests(_ tokens: Tokens) -> [(method: String, target: String, authorization: String)] {
        [
            ("GET", "\(v1)/tags", tokens.read), ("PUT", "\(v1)/images", tokens.read), ("PUT", image, tokens.read),
            ("GET", "\(v1)/tags", tokens.write), ("PUT", "\(v1)/images", tokens.write), ("PUT", image, tokens.write),
            ("DELETE", "\(v1)/tags/none", tokens.write), ("GET", "/v2/team/app/tags/list", tokens.bearer),
            ("POST", "/v2/team/app/blobs/uploads/", tokens.bearer),
            ("DELETE", "/v2/team/app/manifests/none", tokens.bearer),
        ]
    }

    /// The later rules of `ci`, and the resulting statuses.
    static let changes: [([String], [Int])] = [
        (["ci pull,push team/*"], [200, 401, 401, 200, 204, 400, 401, 200, 202, 403]),
        // Fewer permissions: those at the time of issue no longer apply.
        (["ci pull team/*"], [200, 401, 401, 200, 403, 403, 401, 200, 403, 403]),
        (["ci pull,push other/*"], [403, 401, 401, 403, 403, 400, 401, 403, 403, 403]),
        (["boss *"], [403, 401, 401, 403, 403, 403, 401, 403, 403, 403]),
        // More: a v1 token is still limited to its purpose; a v2 token only identifies the user.
        (["ci *"], [200, 401, 401, 200, 204, 400, 401, 200, 202, 404]),
    ]

    @Test("allows its user what the rules allow now, and a v1 token no more than its purpose", arguments: changes)
    func rules(rules: [String], statuses: [Int]) async throws {
        let harbour = try await Harbour()
        let answers = try await harbour.statuses(
            rules: ["anonymous pull public/*"] + rules,
            of: Self.requests(harbour.tokens)
        )
        #expect(answers == statuses)
    }

    @Test("becomes invalid when the user has a new password, or is deleted", arguments: [true, false])
    func password(staysUser: Bool) async throws {
        let harbour = try await Harbour()
        let other = staysUser ? "ci:\(try PasswordHash.bcrypt("another", cost: 4).text)\n" : ""
        let kept = try AccessWorld.users().split(separator: "\n").filter { !$0.hasPrefix("ci:") }
        try harbour.users.write(kept.map { "\($0)\n" }.joined() + other, to: "users")
        let answers = try await harbour.statuses(of: Self.requests(harbour.tokens))
        #expect(answers == Array(repeating: 401, count: answers.count))
    }

    /// The ages at which v1 and v2 tokens are sent, and whether each is valid.
    static let ages: [(Int, Bool, Bool)] = [
        (0, true, true), (899, true, true), (900, true, false), (24 * 3600, true, false), (48 * 3600 - 1, true, false),
        (48 * 3600, false, false),
    ]

    @Test("is valid longer than a push takes in v1, a quarter of an hour in v2, and across a restart", arguments: ages)
    func age(seconds: Int, v1: Bool, v2: Bool) async throws {
        let harbour = try await Harbour()
        let answers = try await harbour.statuses(
            after: seconds,
            of: [
                ("GET", "\(Self.v1)/tags", harbour.tokens.read), ("PUT", "\(Self.v1)/images", harbour.tokens.write),
                ("GET", "/v2/team/app/tags/list", harbour.tokens.bearer),
            ]
        )
        #expect(answers == [v1 ? 200 : 401, v1 ? 204 : 401, v2 ? 200 : 401])
    }
}
