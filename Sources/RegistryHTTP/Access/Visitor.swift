import RegistryCore

/// Who sent a request, as far as it is known, and what they may do.
struct Visitor: Sendable {
    /// What they may do.
    let permissions: Permissions
    /// Whether they have shown who they are, were it no one in particular.
    let isRecognized: Bool
    /// A piece of the keyed hash of their password hash, for what is given to them to send back.
    let stamp: String

    /// Everyone, where nobody is asked who they are.
    static let unasked = Visitor(permissions: .unlimited, isRecognized: true)

    /// Whoever it is as someone who pushes v1 images; nil for someone who may read everything.
    var pusher: ImagePusher? {
        if permissions.allowsEverywhere(.pull) { return nil }
        return ImagePusher(user: permissions.user ?? "") { [permissions] in permissions.allows(.pull, $0.description) }
    }

    init(permissions: Permissions, isRecognized: Bool, stamp: String = "") {
        self.permissions = permissions
        self.isRecognized = isRecognized
        self.stamp = stamp
    }
}
