import Logging
import Storage
import SystemLibraries

/// The access settings in effect, with the files they name.
struct AccessPolicy: Sendable {
    let settings: AccessSettings
    /// The users and passwords; nil unless logins use htpasswd.
    let passwords: PasswordVerifier?
    /// The verifier of tokens; nil unless logins use tokens.
    let tokens: TokenVerifier?
    private let users: WatchedFile<HtpasswdDocument>?
    private let groups: WatchedFile<GroupDocument>?
    private let ruleBook: RuleCache?

    /// - Throws: ``UnusableTokenSettings`` for unreadable keys.
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

    /// Allows everyone everything.
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

    /// Reads the files now.
    func load() async {
        await users?.reload()
        await groups?.reload()
    }

    /// The rules that apply to a user; nil when no rules are configured.
    func rules(for user: String?) async -> [AccessRule]? {
        guard let ruleBook else { return nil }
        guard let user, let groups else { return ruleBook.rules(for: user, in: []) }
        return ruleBook.rules(for: user, in: await groups.value.groups[user] ?? [])
    }

    /// Whether this server issues v2 tokens itself.
    ///
    /// Docker's engine sends a password only to a server that asks for one, and then sends no request without it. When
    /// some requests need a login and others do not, only tokens satisfy both.
    var givesOutTokens: Bool { passwords != nil && settings.rules?.welcomesAnonymous == true }
}

extension WatchedFile<HtpasswdDocument> {
    /// An htpasswd file. Problems are logged each time it is read.
    fileprivate convenience init(_ path: String, logger: Logger) {
        self.init(path, initial: HtpasswdDocument()) { bytes in
            switch bytes {
            case .success(let bytes?):
                let document = HtpasswdDocument(bytes)
                if !document.malformedLines.isEmpty {
                    let lines = document.malformedLines.map(String.init).joined(separator: ", ")
                    logger.warning(
                        "ignored malformed lines in the htpasswd file",
                        metadata: ["file": "\(path)", "lines": "\(lines)"]
                    )
                }
                return document
            case .success(nil):
                logger.warning("the htpasswd file does not exist: nobody can log in", metadata: ["file": "\(path)"])
            case .failure(let error):
                logger.error("cannot read the htpasswd file: nobody can log in", metadata: ["error": "\(error)"])
            }
            return HtpasswdDocument()
        }
    }
}

extension WatchedFile<GroupDocument> {
    /// A file of groups. While it is unreadable, its groups are empty.
    fileprivate convenience init(_ path: String, logger: Logger) {
        self.init(path, initial: GroupDocument()) { bytes in
            switch bytes {
            case .success(let bytes?): return GroupDocument(bytes)
            case .success(nil): logger.warning("the groups file does not exist", metadata: ["file": "\(path)"])
            case .failure(let error): logger.error("cannot read the groups file", metadata: ["error": "\(error)"])
            }
            return GroupDocument()
        }
    }
}
