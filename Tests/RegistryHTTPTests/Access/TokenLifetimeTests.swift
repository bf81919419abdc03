import Foundation
import RegistryHTTP
import Synchronization
import SystemLibraries
import Testing

@Suite("A token that this server gave out")
struct TokenLifetimeTests {
    private static let start = 1_790_000_000
    private static let document = Array("[]".utf8)

    /// What `ci` was given: a v1 token to read and one to push, and a v2 token.
    private struct Tokens: Sendable {
        let read: String
        let write: String
        let bearer: String
    }

    /// A directory and a file of users, over which servers are started one after the other.
    private struct Harbour: Sendable {
        let tree: ScratchTree
        let users: ScratchTree
        let tokens: Tokens

        /// Has the tokens given out, under the usual rules.
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

        /// What a server says that was started anew.
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

    /// The rules of `ci` since, and what the requests are answered.
    static let changes: [([String], [Int])] = [
        (["ci pull,push team/*"], [200, 401, 401, 200, 204, 400, 401, 200, 202, 403]),
        // Fewer: what it was given for counts no more.
        (["ci pull team/*"], [200, 401, 401, 200, 403, 403, 401, 200, 403, 403]),
        (["ci pull,push other/*"], [403, 401, 401, 403, 403, 400, 401, 403, 403, 403]),
        (["boss *"], [403, 401, 401, 403, 403, 403, 401, 403, 403, 403]),
        // More: v1's is good for no more than what it was given for, v2's says who it is and no more.
        (["ci *"], [200, 401, 401, 200, 204, 400, 401, 200, 202, 404]),
    ]

    @Test("lets its user do what the rules say now, and v1's no more than it was given for", arguments: changes)
    func rules(rules: [String], statuses: [Int]) async throws {
        let harbour = try await Harbour()
        let answers = try await harbour.statuses(
            rules: ["anonymous pull public/*"] + rules,
            of: Self.requests(harbour.tokens)
        )
        #expect(answers == statuses)
    }

    @Test("ends when the user has another password, or is gone", arguments: [true, false])
    func password(staysUser: Bool) async throws {
        let harbour = try await Harbour()
        let other = staysUser ? "ci:\(try PasswordHash.bcrypt("another", cost: 4).text)\n" : ""
        let kept = try AccessWorld.users().split(separator: "\n").filter { !$0.hasPrefix("ci:") }
        try harbour.users.write(kept.map { "\($0)\n" }.joined() + other, to: "users")
        let answers = try await harbour.statuses(of: Self.requests(harbour.tokens))
        #expect(answers == Array(repeating: 401, count: answers.count))
    }

    /// How long after it was given out a v1 and a v2 token are sent, and whether each is good.
    static let ages: [(Int, Bool, Bool)] = [
        (0, true, true), (899, true, true), (900, true, false), (24 * 3600, true, false), (48 * 3600 - 1, true, false),
        (48 * 3600, false, false),
    ]

    @Test("is good longer than a push takes by v1, a quarter of an hour by v2, over a restart too", arguments: ages)
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
