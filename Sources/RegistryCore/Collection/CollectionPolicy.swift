package import ImageModel
package import Storage

/// What a collection removes, and how fast.
package struct CollectionPolicy: Sendable {
    /// How long content is kept that nothing names, and blobs that were linked and are named by no manifest yet.
    package var grace: Duration
    /// How old manifests without a tag may become; nil where they are kept.
    package var untaggedAge: Duration?
    /// Whether v1 images go that no v1 tag reaches.
    package var sweepsV1Images: Bool
    /// Whether nothing is removed.
    package var isDryRun: Bool
    /// How fast content is removed.
    package var limit: SweepLimit

    package init(
        grace: Duration = .seconds(86_400),
        untaggedAge: Duration? = nil,
        sweepsV1Images: Bool = false,
        isDryRun: Bool = false,
        limit: SweepLimit = SweepLimit()
    ) {
        self.grace = grace
        self.untaggedAge = untaggedAge
        self.sweepsV1Images = sweepsV1Images
        self.isDryRun = isDryRun
        self.limit = limit
    }
}

/// How much a sweep may do in a second, beside a server that has other things to do.
package struct SweepLimit: Sendable, Equatable {
    /// How many objects are removed; nil for as many as can be.
    package var objects: Int?
    /// How many bytes are freed; nil for as many as can be.
    package var bytes: Int64?

    package init(objects: Int? = nil, bytes: Int64? = nil) {
        self.objects = objects
        self.bytes = bytes
    }

    /// How long it takes at least to remove so much.
    func duration(objects objectCount: Int, bytes byteCount: Int64) -> Duration {
        let objectTime = objects.map { Duration.seconds(Double(objectCount) / Double(max(1, $0))) } ?? .zero
        let byteTime = bytes.map { Duration.seconds(Double(byteCount) / Double(max(1, $0))) } ?? .zero
        return max(objectTime, byteTime)
    }
}

/// Why a collection ended before it was done.
package enum CollectionRefusal: Error, Equatable, CustomStringConvertible {
    /// Another program writes to the directory at the same time.
    case foreignWriter(ObjectKey)
    /// A manifest cannot be read: nobody knows what it names.
    case unreadableManifest(Digest, repository: String, reason: String)

    /// A v1 tag or ancestry cannot be read: nobody knows which v1 images it needs.
    case unreadableV1(ObjectKey)

    package var description: String {
        switch self {
        case .unreadableV1(let key):
            "no v1 image was removed: \(key) cannot be read, so nobody knows which images it needs; "
                + "mend or delete it, then collect again"
        case .foreignWriter(let key):
            "another program wrote \(key) during the collection: nothing more is removed; "
                + "stop the other program, then collect again"
        case .unreadableManifest(let digest, let name, let reason):
            "nothing was removed: the manifest \(digest) of \(name) cannot be read, "
                + "so nobody knows what it needs (\(reason)); push it again, or delete it by digest"
        }
    }
}
