import ImageModel

/// The images that v1 clients have begun since the server started, and not ended: each is files in the tree.
actor BegunImages {
    private var images: [V1ImageID: ContinuousClock.Instant] = [:]
    private let limit: Int

    /// How long an image is left alone that nobody goes on with, when there is no room for another.
    private static let patience = Duration.seconds(3600)

    /// - Parameter limit: The most images at once.
    init(limit: Int) { self.limit = limit }

    /// An image that was not there before is begun.
    ///
    /// - Returns: An image that has to go, to make room for it: nobody has gone on with it for the longest time.
    /// - Throws: ``RegistryError/unavailable(reason:)`` when somebody may be at work on all that there are.
    func begin(_ id: V1ImageID) throws -> V1ImageID? {
        guard images[id] == nil, images.count >= limit else {
            images[id] = .now
            return nil
        }
        guard let oldest = images.min(by: { $0.value < $1.value }), .now - oldest.value > Self.patience else {
            throw RegistryError.unavailable(reason: "too many images were begun and not ended")
        }
        images[oldest.key] = nil
        images[id] = .now
        return oldest.key
    }

    /// An image is complete, or gone.
    func end(_ id: V1ImageID) { images[id] = nil }
}
