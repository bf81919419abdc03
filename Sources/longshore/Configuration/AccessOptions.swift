import ArgumentParser
import RegistryHTTP
import Settings

/// What the operator may choose of who may do what.
struct AccessOptions: ParsableArguments {
    @Option(
        name: .customLong("htpasswd"),
        help: ArgumentHelp("Ask for a user and password of this file; see 'longshore htpasswd'.", valueName: "file")
    )
    var usersPath: String?

    @Option(help: ArgumentHelp("What clients show when they ask for a password.", valueName: "text"))
    var realm: String?

    @Option(
        name: .customLong("access"),
        help: ArgumentHelp(
            """
            Who may do what, else nobody may do anything: WHO ACTIONS [REPOSITORIES], each a list with commas. WHO is a \
            user, @GROUP, '*' for every user or 'anonymous' for everyone; an action is pull, push, delete or '*'; \
            repositories are patterns. 'anonymous pull' and 'ci pull,push' let anyone pull and ci push. What any rule \
            allows is allowed. (repeatable)
            """,
            valueName: "rule"
        )
    )
    var rules: [String] = []

    @Option(
        name: .customLong("access-groups"),
        help: ArgumentHelp("A file with groups, 'NAME: USER USER …' a line.", valueName: "file")
    )
    var groupsPath: String?

    @Flag(
        name: .customLong("legacy-search-without-login"),
        help: "Answer searches without a login, with what every user may pull."
    )
    var allowsSearchWithoutLogin = false

    func validate() throws {
        for rule in rules { _ = try AccessRule(parsing: rule) }
    }

    /// The keys of the configuration that were set.
    var keys: [RegistryConfiguration.Option] {
        [
            usersPath.map { .init("--htpasswd", "auth.htpasswd.path", $0) },
            realm.map { .init("--realm", "auth.htpasswd.realm", $0) },
            usersPath.map { _ in .init("--htpasswd", "auth.htpasswd.realm", "Registry", overrides: false) },
            rules.isEmpty ? nil : .init("--access", "access", list: rules),
            groupsPath.map { .init("--access-groups", "access-groups", $0) },
            allowsSearchWithoutLogin
                ? .init("--legacy-search-without-login", "legacy.search-without-login", "true") : nil,
        ].compactMap { $0 }
    }
}
