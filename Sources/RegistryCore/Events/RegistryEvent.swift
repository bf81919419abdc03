package import Conversion
package import ImageModel

/// A durable change of the registry's content, published exactly once.
///
/// v1 and v2 writers publish it after the commit and before the response. Work the server does on its own, such as
/// converting a tag that a client set earlier, is not an event: clients see the same content before and after.
package struct RegistryEvent: Sendable, Equatable {
    /// The kinds of changes.
    package enum Change: Sendable, Equatable {
        /// A manifest was pushed, even if the repository already had it, or was added because a pushed index lists it.
        /// A ``tagSet(_:_:)`` follows for each of `tags`.
        case manifestPushed(ManifestSummary, tags: [Tag])
        /// A manifest was deleted, after the tags that pointed to it.
        case manifestRemoved(Digest)
        /// A tag was set; its name may be valid in one protocol only.
        case tagSet(String, TagContent)
        /// A tag was deleted.
        case tagRemoved(String)
        /// A blob was uploaded.
        case blobPushed(Digest, byteCount: Int64)
        /// A blob was mounted from another repository; nil if the client did not say which.
        case blobMounted(Digest, byteCount: Int64, from: RepositoryName?)
        /// A blob was deleted from the repository.
        case blobRemoved(Digest)
        /// A v1 image was completed. It belongs to no repository until a tag points to it.
        case imageCompleted(V1ImageID)
        /// The v1 metadata of a repository changed: its image list, or its private marker.
        case repositoryChanged
        /// A repository was deleted, along with these tags.
        case repositoryRemoved(tags: [String])
    }

    /// The change.
    package let change: Change
    /// The changed repository; nil for a v1 image, which belongs to none.
    package let repository: EventRepository?
    /// The author of the change.
    package let actor: EventActor
    /// What a tag that was set or removed pointed to before; nil if it did not exist, or no subscriber needs it.
    package let previous: PreviousTarget?

    /// Whether the change affects the tags or the v1 metadata of a repository.
    var isOfTags: Bool {
        switch change {
        case .tagSet, .tagRemoved, .repositoryChanged, .repositoryRemoved: true
        case .manifestPushed, .manifestRemoved, .blobPushed, .blobMounted, .blobRemoved, .imageCompleted: false
        }
    }

    /// - Parameter actor: The author; by default the author of the changes made by this task.
    package init(
        _ change: Change,
        in repository: EventRepository?,
        by actor: EventActor = .current,
        replacing previous: PreviousTarget? = nil
    ) {
        self.change = change
        self.repository = repository
        self.actor = actor
        self.previous = previous
    }
}

/// What a tag pointed to before a change.
package enum PreviousTarget: Sendable, Equatable {
    /// A manifest that was pushed through v2.
    case manifest(Digest)
    /// A v1 image, and the manifest it was converted to, if it was.
    case image(V1ImageID, Digest?)
}

/// A manifest, its digest and its media type.
package struct ManifestSummary: Sendable, Equatable {
    /// The digest, in the algorithm of the push.
    package let digest: Digest
    /// The media type.
    package let mediaType: MediaType
    /// Its bytes; for schema1, without the signatures.
    package let bytes: [UInt8]

    /// The size of its blob.
    package var byteCount: Int { bytes.count }

    /// The summary of a manifest that was pushed with this digest.
    package init(_ manifest: Manifest, digest: Digest) {
        self.init(manifest.bytes, mediaType: manifest.mediaType, digest: digest)
    }

    /// The summary of the manifest of a converted image.
    package init(_ image: ConvertedImage) {
        self.init(image.manifest, mediaType: image.format.manifestType, digest: image.manifestDigest)
    }

    /// - Parameter bytes: For schema1, without the signatures.
    package init(_ bytes: [UInt8], mediaType: MediaType, digest: Digest) {
        self.digest = digest
        self.mediaType = mediaType
        self.bytes = bytes
    }
}

/// The target of a tag.
package enum TagContent: Sendable, Equatable {
    /// A manifest that was pushed through v2.
    case manifest(Digest)
    /// A v1 image, and the manifest it was converted to; nil if it cannot be converted, or not yet.
    case image(V1ImageID, converted: ManifestSummary?)
}

/// The names of a repository in both protocols; one of them may be missing.
package struct EventRepository: Hashable, Sendable, CustomStringConvertible {
    /// Its name in the v1 protocol.
    package let v1: V1RepositoryName?
    /// Its name in the v2 protocol.
    package let v2: RepositoryName?

    /// A repository by its v2 name, with its v1 name if it has one.
    package init(_ name: RepositoryName) {
        self.v1 = V1RepositoryName(name)
        self.v2 = name
    }

    /// A repository by its v1 name, with its v2 name if that is valid.
    package init(_ name: V1RepositoryName) {
        self.v1 = name
        self.v2 = try? name.v2Name
    }

    /// Its v2 name, or its v1 name if v2 does not allow that.
    package var description: String { v2?.description ?? v1?.description ?? "" }
}

/// The author of a change.
package struct EventActor: Sendable, Equatable, Codable {
    /// The interface through which the change was requested.
    package enum Interface: String, Codable, Sendable {
        /// The v1 protocol.
        case v1
        /// The v2 protocol.
        case v2
        /// The web page.
        case page
        /// None: the server itself made the change.
        case server
        /// A command on the server's machine.
        case command
    }

    /// The request that made the change.
    package struct Request: Sendable, Equatable, Codable {
        /// The value of `X-Request-Id`, or the name that the server gave the request.
        package let id: String?
        /// The client's IP address.
        package let address: String?
        /// The value of `Host`.
        package let host: String?
        /// The request's method.
        package let method: String
        /// The client's `User-Agent`.
        package let userAgent: String?
        /// What to put before a path to get its URL, as the client knows this server; nil to go by the configuration.
        package let root: String?

        package init(
            id: String?,
            address: String?,
            host: String?,
            method: String,
            userAgent: String?,
            root: String? = nil
        ) {
            self.id = id
            self.address = address
            self.host = host
            self.method = method
            self.userAgent = userAgent
            self.root = root
        }
    }

    /// The author of the changes made by this task. The APIs set it while they handle a request.
    @TaskLocal package static var current = EventActor(user: nil, interface: .server, request: nil)

    /// The user name; nil for an anonymous caller.
    package let user: String?
    /// The interface of the request.
    package let interface: Interface
    /// The request; nil for the server itself.
    package let request: Request?

    package init(user: String?, interface: Interface, request: Request?) {
        self.user = user
        self.interface = interface
        self.request = request
    }
}
