package import ImageModel
package import Storage

/// The content a collection removes, and the rate at which it does.
package struct CollectionPolicy: Sendable {
    /// How long to keep content that nothing names, including linked blobs that no manifest names yet.
    package var grace: Duration
    /// The age at which untagged manifests are removed; nil to keep them.
    package var untaggedAge: Duration?
    /// Retention rules, whose ages for untagged manifests replace ``untaggedAge`` where they apply.
    package var retention: [RetentionRule] = []
    /// Whether to remove v1 images that no v1 tag reaches.
    package var sweepsV1Images: Bool
    /// Whether to report only, and remove nothing.
    package var isDryRun: Bool
    /// The maximum rate of removal.
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

extension CollectionPolicy {
    /// The age at which untagged manifests of a repository are removed; nil to keep them.
    func untaggedAge(in repository: String) -> Duration? { retention.untaggedAge(in: repository) ?? untaggedAge }

    /// Whether untagged manifests are removed from any repository.
    var removesManifests: Bool { untaggedAge != nil || retention.contains { $0.untaggedAge != nil } }

    /// The same policy, except that it keeps every manifest.
    var keepingManifests: CollectionPolicy {
        var policy = self
        policy.untaggedAge = nil
        policy.retention = []
        return policy
    }
}

/// The maximum rate of a sweep, which leaves capacity for a server running alongside.
package struct SweepLimit: Sendable, Equatable {
    /// The number of objects to remove per second; nil for no limit.
    package var objects: Int?
    /// The number of bytes to free per second; nil for no limit.
    package var bytes: Int64?

    package init(objects: Int? = nil, bytes: Int64? = nil) {
        self.objects = objects
        self.bytes = bytes
    }

    /// The minimum time for removing this much.
    func duration(objects objectCount: Int, bytes byteCount: Int64) -> Duration {
        let objectTime = objects.map { Duration.seconds(Double(objectCount) / Double(max(1, $0))) } ?? .zero
        let byteTime = bytes.map { Duration.seconds(Double(byteCount) / Double(max(1, $0))) } ?? .zero
        return max(objectTime, byteTime)
    }
}

/// A reason for ending a collection early.
package enum CollectionRefusal: Error, Equatable, CustomStringConvertible {
    /// Another program is writing to the directory.
    case foreignWriter(ObjectKey)
    /// A manifest cannot be read, so the content it names is unknown.
    case unreadableManifest(Digest, repository: String, reason: String)

    /// A v1 tag or ancestry cannot be read, so the v1 images it needs are unknown.
    case unreadableV1(ObjectKey)

    package var description: String {
        switch self {
        case .unreadableV1(let key):
            "no v1 image was removed: \(key) is unreadable, so the images it needs are unknown; "
                + "repair or delete it, then collect again"
        case .foreignWriter(let key):
            "another program wrote \(key) during the collection: nothing more is removed; "
                + "stop the other program, then collect again"
        case .unreadableManifest(let digest, let name, let reason):
            "nothing was removed: the manifest \(digest) of \(name) cannot be read, "
                + "so the content it needs is unknown (\(reason)); push it again, or delete it by digest"
        }
    }
}
