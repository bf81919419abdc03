import ImageModel

/// A v1 tag that was set while its image was still being converted: the content of `longshore/unfinished/NAME/_/TAG`.
///
/// The push is recorded when the conversion is done, even by a later process. Without an ``EventRecorder`` nothing is
/// written.
struct UnfinishedPush: Codable, Sendable {
    /// The image that the tag points to.
    let image: String
    /// Who set it.
    let actor: EventActor

    init(of image: V1ImageID, by actor: EventActor) {
        self.image = image.description
        self.actor = actor
    }
}
