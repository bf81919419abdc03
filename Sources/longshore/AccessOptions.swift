import ArgumentParser
import RegistryHTTP

/// What the operator may choose of who may do what.
struct AccessOptions: ParsableArguments {
    @Option(
        name: .customLong("htpasswd"),
        help: ArgumentHelp("Ask for a user and password of this file; see 'longshore htpasswd'.", valueName: "file")
    )
    var usersPath: String?

    @Option(help: ArgumentHelp("What clients show when they ask for a password.", valueName: "text"))
    var realm = "Registry"

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
    var rules: [AccessRule] = []

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

    /// What was chosen.
    var settings: AccessSettings {
        var settings = AccessSettings()
        settings.authentication = usersPath.map { .htpasswd(HtpasswdSettings(realm: realm, path: $0)) }
        settings.rules = rules.isEmpty ? nil : AccessRules(rules)
        settings.groupsPath = groupsPath
        settings.allowsSearchWithoutLogin = allowsSearchWithoutLogin
        return settings
    }
}

extension AccessRule: ExpressibleByArgument {
    /// Parses a rule in one line.
    public init?(argument: String) {
        do { try self.init(parsing: argument) } catch { return nil }
    }
}
