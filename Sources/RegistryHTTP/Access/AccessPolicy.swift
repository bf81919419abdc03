import Logging
import Storage
import SystemLibraries

/// What the operator chose of users and rules, and the files that it names, as they are in force.
struct AccessPolicy: Sendable {
    let settings: AccessSettings
    /// Where the users stand; nil under another way to log in, or none.
    let passwords: PasswordVerifier?
    /// Who verifies tokens; nil under another way to log in, or none.
    let tokens: TokenVerifier?
    private let users: WatchedFile<HtpasswdDocument>?
    private let groups: WatchedFile<GroupDocument>?
    private let ruleBook: RuleCache?

    /// - Throws: ``UnusableTokenSettings`` for keys that cannot be read.
    init(_ settings: AccessSettings, logger: Logger) throws {
        self.settings = settings
        switch settings.authentication {
        case .htpasswd(let htpasswd):
            let users = WatchedFile<HtpasswdDocument>(htpasswd.path, logger: logger)
            self.users = users
            self.passwords = PasswordVerifier(users, logger: logger)
            self.tokens = nil
        case .token(let token):
            self.users = nil
            self.passwords = nil
            self.tokens = try TokenVerifier(token)
        case nil:
            self.users = nil
            self.passwords = nil
            self.tokens = nil
        }
        self.ruleBook = settings.rules.map { RuleCache($0) }
        self.groups = settings.groupsPath.map { WatchedFile<GroupDocument>($0, logger: logger) }
    }

    /// Lets everyone do everything.
    init() {
        settings = AccessSettings()
        passwords = nil
        tokens = nil
        users = nil
        groups = nil
        ruleBook = nil
    }

    /// Whether everyone may do everything.
    var isOpen: Bool { settings.authentication == nil && settings.rules == nil }

    /// Reads its files now.
    func load() async {
        await users?.reload()
        await groups?.reload()
    }

    /// The rules that speak of somebody; nil where there is no list.
    func rules(for user: String?) async -> [AccessRule]? {
        guard let ruleBook else { return nil }
        guard let user, let groups else { return ruleBook.rules(for: user, in: []) }
        return ruleBook.rules(for: user, in: await groups.value.groups[user] ?? [])
    }

    /// Whether this server gives out tokens itself.
    ///
    /// Docker's engine sends a password only to a server that asks for one, and then nothing without one: where some need
    /// no login and others do, a token is what serves both.
    var givesOutTokens: Bool { passwords != nil && settings.rules?.welcomesAnonymous == true }
}

extension WatchedFile<HtpasswdDocument> {
    /// A file of users. What is wrong with it is logged each time that it is read.
    fileprivate convenience init(_ path: String, logger: Logger) {
        self.init(path, initial: HtpasswdDocument()) { bytes in
            switch bytes {
            case .success(let bytes?):
                let document = HtpasswdDocument(bytes)
                if !document.malformedLines.isEmpty {
                    let lines = document.malformedLines.map(String.init).joined(separator: ", ")
                    logger.warning(
                        "lines of the users' file let nobody in",
                        metadata: ["file": "\(path)", "lines": "\(lines)"]
                    )
                }
                return document
            case .success(nil):
                logger.warning("the users' file is not there: nobody can log in", metadata: ["file": "\(path)"])
            case .failure(let error):
                logger.error("nobody can log in", metadata: ["error": "\(error)"])
            }
            return HtpasswdDocument()
        }
    }
}

extension WatchedFile<GroupDocument> {
    /// A file of groups. Where it cannot be read, nobody is in any group of it.
    fileprivate convenience init(_ path: String, logger: Logger) {
        self.init(path, initial: GroupDocument()) { bytes in
            switch bytes {
            case .success(let bytes?): return GroupDocument(bytes)
            case .success(nil): logger.warning("the groups' file is not there", metadata: ["file": "\(path)"])
            case .failure(let error): logger.error("groups are not known", metadata: ["error": "\(error)"])
            }
            return GroupDocument()
        }
    }
}
