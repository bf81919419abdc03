import RegistryCore
import RegistryHTTP
import Settings

extension AccessSettings {
    /// The access control settings of a configuration.
    ///
    /// - Throws: ``MalformedAccessRule``.
    init(_ settings: RegistrySettings) throws {
        self.init()
        switch settings.authentication {
        case .htpasswd(let realm, let path): authentication = .htpasswd(HtpasswdSettings(realm: realm, path: path))
        case .token(let token): authentication = .token(TokenSettings(token))
        case nil: break
        }
        if let entries = settings.access {
            rules = AccessRules(try entries.map(AccessRule.init), groups: settings.groups.mapValues { Set($0) })
        }
        groupsPath = settings.groupsFile
        allowsSearchWithoutLogin = settings.oldClients.searchesWithoutLogin
    }
}

extension TokenSettings {
    fileprivate init(_ token: AuthenticationSettings.Token) {
        self.init(realm: token.realm, service: token.service, issuer: token.issuer)
        certificatesPath = token.rootCertificateBundle
        keySetPath = token.keySet
        algorithms = token.algorithms
        redirectsToOwnHost = token.redirectsToOwnHost
        if let path = token.redirectPath { redirectPath = path }
    }
}

extension AccessRule {
    fileprivate init(_ entry: AccessEntry) throws {
        switch entry {
        case .line(let line): try self.init(parsing: line)
        case .rule(let rule):
            let grant: Grant
            do { grant = try Grant(rule.actions) } catch {
                throw UnusableSetting(
                    "access has a rule with the unknown action '\(error.word)': use pull, push, delete, admin or *"
                )
            }
            let everyone: [Subject] = rule.isForEveryone ? [.everyone] : []
            let subjects =
                everyone + rule.users.map { $0 == "*" ? .anyUser : .user($0) } + rule.groups.map(Subject.group)
            self.init(
                Set(subjects),
                grant.actions,
                repositories: rule.repositories.map { RepositoryPattern($0) },
                grantsAdministration: grant.isOfAdministration
            )
            if let problem = administrationProblem {
                throw UnusableSetting("access has a rule that cannot be used: \(problem.reason)")
            }
        }
    }
}
