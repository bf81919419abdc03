package import ImageModel
package import RegistryCore

/// A tag of the source that can be converted, so far as its names and its chain tell.
package struct SurveyedTag: Hashable, Sendable {
    /// The repository in v1.
    package let v1Name: V1RepositoryName
    /// The repository in v2.
    package let name: RepositoryName
    /// The tag, the same in both.
    package let tag: Tag
    /// The image that it names.
    package let image: V1ImageID
    /// The manifest that it names, where the source is a v2 directory; nil for v1.
    package let manifest: Digest?
    /// The file that says so, as it was.
    package let stamp: FileStamp

    /// Whether it is called otherwise in v2 than by Docker's clients before, for which `library/` is no part of a name.
    package var changesName: Bool {
        func plain(_ name: String) -> Substring {
            let library = V1RepositoryName.libraryNamespace + "/"
            return name.hasPrefix(library) ? name.dropFirst(library.count) : name[...]
        }
        return plain(name.description) != plain(v1Name.description)
    }
}

/// A tag of the source that is not converted, and why; or a whole repository, of which not even the tags can be told.
package struct FailedTag: Hashable, Sendable {
    /// The repository in v1.
    package let repository: String
    /// The tag as it is named on disk; empty when the whole repository is meant.
    package let tag: String
    /// Why it is not converted.
    package let reason: String
    /// The image whose fault it is, if it is an image's.
    package let image: V1ImageID?

    /// What fails: `repository:tag`, or the repository alone.
    package var name: String { tag.isEmpty ? repository : "\(repository):\(tag)" }
}

extension FailedTag {
    /// What is no image's fault.
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
