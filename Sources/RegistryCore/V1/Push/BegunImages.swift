import ImageModel

/// The images that v1 clients have begun since the server started, and not ended: each is files in the tree.
actor BegunImages {
    private var uses: LimitedUses<V1ImageID>

    /// - Parameter limit: The most images at once.
    init(limit: Int) { uses = LimitedUses(limit: limit) }

    /// An image that was not there before is begun.
    ///
    /// - Returns: An image that has to go, to make room for it: nobody has gone on with it for the longest time.
    /// - Throws: ``RegistryError/unavailable(reason:)`` when somebody may be at work on all that there are.
    func begin(_ id: V1ImageID) throws -> V1ImageID? {
        let displaced = uses.contains(id) ? nil : try uses.displaced("pushes of v1 images")
        if let displaced { uses.remove(displaced) }
        uses.note(id)
        return displaced
    }

    /// An image is complete, or gone.
    func end(_ id: V1ImageID) { uses.remove(id) }
}
