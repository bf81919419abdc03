import RegistryCore
import Testing

@testable import RegistryHTTP

@Suite("The access rules")
struct AccessRulesTests {
    static let list = AccessRules(
        [
            AccessRule([.everyone], [.pull], repositories: [RepositoryPattern("public/*"), RepositoryPattern("tool")]),
            AccessRule([.anyUser], [.pull], repositories: [RepositoryPattern("shared/*")]),
            AccessRule([.user("ci")], [.pull, .push], repositories: [RepositoryPattern("*/app")]),
            AccessRule([.group("release")], [.pull, .push, .delete], repositories: [RepositoryPattern("release/?")]),
            AccessRule([.user("root")], Set(AccessAction.allCases)),
        ],
        groups: ["release": ["rita"]]
    )

    /// The user, groups from the file, action, repository, and whether it is allowed.
    static let decisions: [(String?, Set<String>, AccessAction, String, Bool)] = [
        (nil, [], .pull, "public/x", true),
        (nil, [], .pull, "public/x/y", true),
        (nil, [], .push, "public/x", false),
        (nil, [], .pull, "publicx", false),
        (nil, [], .pull, "public", false),
        (nil, [], .pull, "tool", true),
        (nil, [], .pull, "library/tool", true),
        (nil, [], .pull, "library/tool/x", false),
        (nil, [], .pull, "shared/x", false),
        (nil, [], .delete, "tool", false),
        ("amy", [], .pull, "public/x", true),
        ("amy", [], .pull, "shared/x", true),
        ("amy", [], .push, "shared/x", false),
        ("amy", [], .pull, "team/app", false),
        ("ci", [], .push, "team/app", true),
        ("ci", [], .pull, "team/sub/app", true),
        ("ci", [], .push, "app", true),
        ("ci", [], .delete, "team/app", false),
        ("ci", [], .push, "team/apple", false),
        ("CI", [], .push, "team/app", false),
        ("rita", [], .delete, "release/1", true),
        ("rita", [], .delete, "release/12", false),
        ("amy", ["release"], .push, "release/1", true),
        ("amy", ["releases"], .push, "release/1", false),
        ("root", [], .delete, "anything/at/all", true),
        ("", [], .push, "team/app", false),
    ]

    @Test("allow what any rule allows, and nothing else", arguments: decisions)
    func decides(user: String?, groups: Set<String>, action: AccessAction, repository: String, expected: Bool) {
        let permissions = Permissions(of: user, rules: Self.list.rules(for: user, in: groups))
        #expect(permissions.allows(action, repository) == expected)
    }

    @Test("allow nothing when empty")
    func empty() {
        let nobody = AccessRules([])
        #expect(!Permissions(of: "root", rules: nobody.rules(for: "root")).allows(.pull, "x"))
        #expect(!Permissions(of: nil, rules: nobody.rules(for: nil)).allows(.pull, "x"))
    }

    @Test("allow logged-in users everything when absent, and others nothing")
    func absent() {
        #expect(Permissions(of: "amy", rules: nil).allows(.delete, "x"))
        #expect(!Permissions(of: nil, rules: nil).allows(.pull, "x"))
    }

    @Test("show who may do a thing everywhere, and who somewhere")
    func extents() {
        func of(_ user: String?) -> Permissions { Permissions(of: user, rules: Self.list.rules(for: user)) }
        #expect(of("root").allowsEverywhere(.pull) && of("root").allowsEverywhere(.delete))
        #expect(!of("ci").allowsEverywhere(.pull) && of("ci").allowsSomewhere(.push))
        #expect(!of("amy").allowsSomewhere(.push) && of("amy").allowsCatalogue)
        #expect(of(nil).allowsSomewhere(.pull) && of(nil).allowsCatalogue && !of(nil).allowsSomewhere(.push))
    }

    static let spellings: [([String], String, Bool)] = [
        (["centos6"], "centos6", false), (["centos6", "library/centos6"], "centos6", true),
        (["centos6", "library/centos6"], "library/centos6", true), (["library/centos6"], "library/centos6", false),
    ]

    @Test("do not let a token for one spelling of a name stand for the other", arguments: spellings)
    func tokenSpellings(granted: [String], name: String, expected: Bool) {
        let grants = granted.map { TokenGrants.Entry(type: "repository", name: $0, actions: ["pull"]) }
        let permissions = Permissions(of: "amy", token: TokenGrants(grants), rules: nil, anonymous: [])
        #expect(permissions.allows(.pull, name))
        #expect(permissions.allowsBothSpellings(.pull, name) == expected)
    }

    static let lines: [(String, AccessRule)] = [
        ("anonymous pull", AccessRule([.everyone], [.pull])),
        ("ci pull,push", AccessRule([.user("ci")], [.pull, .push])),
        (
            "ci,@release *  team/*,x",
            AccessRule(
                [.user("ci"), .group("release")],
                Set(AccessAction.allCases),
                repositories: [RepositoryPattern("team/*"), RepositoryPattern("x")]
            )
        ),
        ("* pull *", AccessRule([.anyUser], [.pull], repositories: [RepositoryPattern("*")])),
    ]

    @Test("are read from lines", arguments: lines)
    func parses(line: String, rule: AccessRule) throws { #expect(try AccessRule(parsing: line) == rule) }

    @Test(
        "refuse a malformed line",
        arguments: ["", "ci", "ci pul", "ci pull a b", ", pull", "ci ,", "ci pull ,"]
    )
    func refuses(line: String) { #expect(throws: MalformedAccessRule.self) { try AccessRule(parsing: line) } }

    static let patterns: [(String, String, Bool)] = [
        ("*", "a", true), ("*", "a/b/c", true), ("a*c", "abc", true), ("a*c", "abcb", false),
        ("a*b*c", "axbxbxc", true),
        ("?", "a", true), ("?", "ab", false), ("library/*", "centos6", true), ("library/*", "a/b", false),
        ("centos6", "library/centos6", true), ("library/centos6", "centos6", true), ("", "", true), ("", "a", false),
        ("a/*", "a", false), ("*/*", "centos6", true), ("**", "x", true), ("a.c", "abc", false),
    ]

    @Test("have patterns in which a star matches any characters", arguments: patterns)
    func matches(pattern: String, name: String, expected: Bool) {
        #expect(RepositoryPattern(pattern).matches(name) == expected)
    }
}
