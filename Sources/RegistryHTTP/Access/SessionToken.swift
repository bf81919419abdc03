import ImageModel
import NIOCore
import SystemLibraries

/// What this server itself has given to a client to send back: it says who the client is, until when, and nothing of what
/// the client may do. That is decided each time, by the rules as they are then.
struct SessionToken: Equatable {
    /// Which protocol it was given out in; it is good in no other.
    enum Purpose: String {
        case v1 = "v1"
        case v2 = "v2"
    }

    let purpose: Purpose
    /// Who it is; nil for someone who was not logged in.
    let user: String?
    /// A piece of the keyed hash of what the user's password was verified by: a changed password ends the ticket.
    let passwordFingerprint: String
    /// The only repository that it is good for, as v1 calls it; nil for any.
    var repository: String?
    /// `read`, `write` or `delete`, where there is a repository.
    var access: String?
    /// When it ends, in seconds since 1970.
    let expiry: Int

    /// The passwordFingerprint of someone whose password was verified by `hash`; empty for someone without one.
    static func passwordFingerprint(of hash: PasswordHash?, _ secret: MessageAuthentication) -> String {
        hash.map { Base64URL.encode(secret.code(for: Array("password \($0.text)".utf8)).prefix(12)) } ?? ""
    }

    /// Whether the user's password is still verified by what it was when the ticket was given out.
    func isStamped(by hash: PasswordHash, _ secret: MessageAuthentication) -> Bool {
        passwordFingerprint == Self.passwordFingerprint(of: hash, secret)
    }

    /// What a ticket of v1 lets its holder ask for: pushes and deletes read too.
    var actions: Set<AccessAction> {
        switch access {
        case "read": [.pull]
        case "write": [.pull, .push]
        case "delete": [.pull, .delete]
        default: Set(AccessAction.allCases)
        }
    }

    /// Whether it is good for what a request needs: what the one repository is asked for that it was given out for, and
    /// images, which are asked for and pushed without a repository.
    func isGood(for requirement: AccessRequirement) -> Bool {
        switch requirement {
        case .nothing, .login, .catalogue, .search: true
        case .repository(let needs): needs.allSatisfy { $0.repository == repository && actions.contains($0.action) }
        case .image: actions.contains(.pull)
        case .imagePush: actions.contains(.push)
        }
    }

    /// Writes it, with a proof that nobody else can have written it, in characters that need no quoting in any header.
    func signed(by secret: MessageAuthentication) -> String {
        var members = [
            JSONMember(key: "purpose", value: .string(purpose.rawValue)),
            JSONMember(key: "passwordFingerprint", value: .string(passwordFingerprint)),
            JSONMember(key: "expiry", value: .integer(Int64(expiry))),
        ]
        if let user { members.append(JSONMember(key: "user", value: .string(user))) }
        if let repository { members.append(JSONMember(key: "repository", value: .string(repository))) }
        if let access { members.append(JSONMember(key: "access", value: .string(access))) }
        let content = JSONValue.object(members).compactEncoded()
        return "\(Base64URL.encode(content)).\(Base64URL.encode(secret.code(for: content)))"
    }

    private init?(_ json: JSONValue) {
        guard let purpose = json["purpose"]?.string.flatMap(Purpose.init),
            let passwordFingerprint = json["passwordFingerprint"]?.string,
            let expiry = json["expiry"]?.integer
        else { return nil }
        self.init(
            purpose: purpose,
            user: json["user"]?.string,
            passwordFingerprint: passwordFingerprint,
            repository: json["repository"]?.string,
            access: json["access"]?.string,
            expiry: Int(expiry)
        )
    }

    /// Reads one; nil for what was not signed by `secret`, or has ended.
    init?(_ text: String, purpose: Purpose, signedBy secret: MessageAuthentication, now: Int) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, let content = Base64URL.decode(parts[0]), let code = Base64URL.decode(parts[1]),
            secret.isValid(code, for: content), let json = try? JSONValue(parsing: content),
            let ticket = SessionToken(json), ticket.purpose == purpose, ticket.expiry > now
        else { return nil }
        self = ticket
    }

    init(
        purpose: Purpose,
        user: String?,
        passwordFingerprint: String,
        repository: String? = nil,
        access: String? = nil,
        expiry: Int
    ) {
        self.purpose = purpose
        self.user = user
        self.passwordFingerprint = passwordFingerprint
        self.repository = repository
        self.access = access
        self.expiry = expiry
    }
}
