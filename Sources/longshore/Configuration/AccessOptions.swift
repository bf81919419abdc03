import ArgumentParser
import RegistryHTTP
import Settings

/// Command-line options for access control.
struct AccessOptions: ParsableArguments {
    @Option(
        name: .customLong("htpasswd"),
        help: ArgumentHelp("Require a user and password from this file; see 'longshore htpasswd'.", valueName: "file")
    )
    var usersPath: String?

    @Option(help: ArgumentHelp("The realm that clients show when they ask for a password.", valueName: "text"))
    var realm: String?

    @Option(
        name: .customLong("access"),
        help: ArgumentHelp(
            """
            Grant access: WHO ACTIONS [REPOSITORIES], each a comma-separated list. WHO is a user, @GROUP, '*' for \
            every user or 'anonymous' for everyone; an action is pull, push, delete, '*' for these, or admin, which \
            shows the server's state on the web page; repositories are patterns. \
            With 'anonymous pull' and 'ci pull,push', anyone can pull and ci can push. A request needs one rule that \
            allows it; without a matching rule it is refused. (repeatable)
            """,
            valueName: "rule"
        )
    )
    var rules: [String] = []

    @Option(
        name: .customLong("access-groups"),
        help: ArgumentHelp("A file of groups, one per line: 'NAME: USER USER …'.", valueName: "file")
    )
    var groupsPath: String?

    @Flag(
        name: .customLong("legacy-search-without-login"),
        help: "Allow searches without a login; they find what every user may pull."
    )
    var allowsSearchWithoutLogin = false

    func validate() throws {
        for rule in rules { _ = try AccessRule(parsing: rule) }
    }

    /// The configuration keys set by these options.
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
