import ImageModel

/// Where what is pushed of an image that is not complete is kept: for everyone who may not read everything apart, so that
/// nobody's push ends with what somebody else has brought.
struct PushPlace: Hashable, Sendable {
    let image: V1ImageID
    /// Who pushes there, by ``ImagePusher/key``; nil for all who may read everything.
    let pusher: String?

    init(_ image: V1ImageID, _ pusher: ImagePusher?) {
        self.image = image
        self.pusher = pusher?.key
    }
}
