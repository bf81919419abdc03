package import ImageModel
package import RegistryCore

/// A tag of the source that can be converted, as far as its names and its chain show.
package struct SurveyedTag: Hashable, Sendable {
    /// The v1 repository.
    package let v1Name: V1RepositoryName
    /// The v2 repository.
    package let name: RepositoryName
    /// The tag, the same in v1 and v2.
    package let tag: Tag
    /// The image it points to.
    package let image: V1ImageID
    /// The manifest it points to, when the source is a v2 directory; nil for v1.
    package let manifest: Digest?
    /// The stamp of the tag's file.
    package let stamp: FileStamp

    /// Whether Docker's clients, which do not see `library/` as part of a name, have to use another name in v2.
    package var changesName: Bool {
        func plain(_ name: String) -> Substring {
            let library = V1RepositoryName.libraryNamespace + "/"
            return name.hasPrefix(library) ? name.dropFirst(library.count) : name[...]
        }
        return plain(name.description) != plain(v1Name.description)
    }
}

/// A tag that is not converted, or a whole repository whose tags cannot be listed.
package struct FailedTag: Hashable, Sendable {
    /// The v1 repository.
    package let repository: String
    /// The tag as named on disk; empty for a whole repository.
    package let tag: String
    /// Why it is not converted.
    package let reason: String
    /// The damaged image, if an image is the cause.
    package let image: V1ImageID?

    /// `repository:tag`, or the repository alone.
    package var name: String { tag.isEmpty ? repository : "\(repository):\(tag)" }
}

extension FailedTag {
    /// A failure that no image causes.
    init(_ repository: String, _ tag: String = "", reason: String) {
        self.init(repository: repository, tag: tag, reason: reason, image: nil)
    }

    init(_ repository: V1RepositoryName, _ tag: String, _ error: any Error) {
        let image = (error as? DamagedImage)?.image ?? (error as? ImageDamage)?.image
        let reason =
            switch error {
            case let error as MalformedRepositoryName: "\(error) in v2"
            case let error as MalformedTag: "\(error) in v2"
            default: "\(error)"
            }
        self.init(repository: repository.description, tag: tag, reason: reason, image: image)
    }
}
