import ImageModel
import NIOCore
import SystemLibraries

/// A token that this server issued: it identifies the client until it expires, but grants nothing. Permissions are
/// decided for each request, by the rules in effect then.
struct SessionToken: Equatable {
    /// The protocol it was issued for; it is not valid in the other.
    enum Purpose: String {
        case v1 = "v1"
        case v2 = "v2"
    }

    let purpose: Purpose
    /// The user; nil for an anonymous client.
    let user: String?
    /// Part of the keyed hash of the user's password hash: changing the password invalidates the token.
    let passwordFingerprint: String
    /// The only repository it is valid for, by its v1 name; nil for any.
    var repository: String?
    /// `read`, `write` or `delete`, for tokens with a repository.
    var access: String?
    /// When it expires, in seconds since 1970.
    let expiry: Int

    /// The fingerprint for a password verified by `hash`; empty without a password.
    static func passwordFingerprint(of hash: PasswordHash?, _ secret: MessageAuthentication) -> String {
        hash.map { Base64URL.encode(secret.code(for: Array("password \($0.text)".utf8)).prefix(12)) } ?? ""
    }

    /// Whether the user's password is unchanged since the token was issued.
    func isStamped(by hash: PasswordHash, _ secret: MessageAuthentication) -> Bool {
        passwordFingerprint == Self.passwordFingerprint(of: hash, secret)
    }

    /// The actions of a v1 token: pushes and deletes include reads.
    var actions: Set<AccessAction> {
        switch access {
        case "read": [.pull]
        case "write": [.pull, .push]
        case "delete": [.pull, .delete]
        default: Set(AccessAction.allCases)
        }
    }

    /// Whether the token is valid for a request: for the actions and the repository it was issued for, and for images,
    /// which are read and pushed without naming a repository.
    func isGood(for requirement: AccessRequirement) -> Bool {
        switch requirement {
        case .nothing, .login, .catalogue, .search: true
        case .repository(let needs): needs.allSatisfy { $0.repository == repository && actions.contains($0.action) }
        case .image: actions.contains(.pull)
        case .imagePush: actions.contains(.push)
        }
    }

    /// Encodes and signs it, in characters that need no quoting in any header.
    func signed(by secret: MessageAuthentication) -> String {
        var members = [
            JSONMember(key: "purpose", value: .string(purpose.rawValue)),
            JSONMember(key: "stamp", value: .string(passwordFingerprint)),
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
            let passwordFingerprint = json["stamp"]?.string,
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

    /// Decodes a token; nil if it was not signed with `secret`, or has expired.
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
