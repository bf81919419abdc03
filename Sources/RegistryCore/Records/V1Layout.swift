package import ImageModel
package import Storage

/// The layout of docker-registry 0.9.1's storage.
///
/// ```
/// images/ID/{json,layer,ancestry,_checksum,_inprogress,_files}
/// repositories/NAMESPACE/REPOSITORY/
///   _index_images   json   _private
///   tag_TAG         taglatest_json
/// ```
package enum V1Layout {
    /// The prefix of every image.
    package static let images = ObjectKey.root.appending("images")
    /// The prefix of every namespace.
    package static let repositories = ObjectKey.root.appending("repositories")
    /// The prefix of a tag's file name.
    package static let tagPrefix = "tag_"

    /// The directory of an image.
    package static func image(_ id: V1ImageID) -> ObjectKey { images.appending(id.description) }
    /// The JSON as pushed, byte for byte.
    package static func json(_ id: V1ImageID) -> ObjectKey { image(id).appending("json") }
    /// The layer as pushed, byte for byte.
    package static func layer(_ id: V1ImageID) -> ObjectKey { image(id).appending("layer") }
    /// The ids of an image and its ancestors, the image first.
    package static func ancestry(_ id: V1ImageID) -> ObjectKey { image(id).appending("ancestry") }
    /// The checksums of the JSON and the layer.
    package static func checksum(_ id: V1ImageID) -> ObjectKey { image(id).appending("_checksum") }
    /// The mark of an image whose push has not finished.
    package static func inProgress(_ id: V1ImageID) -> ObjectKey { image(id).appending("_inprogress") }

    /// The cached list of the files in a layer.
    package static func files(_ id: V1ImageID) -> ObjectKey { image(id).appending("_files") }

    /// The directory of a repository; nil if the name is too long for the file system.
    package static func repository(_ name: V1RepositoryName) -> ObjectKey? {
        repositories.appending(untrusted: name.namespaceComponent)?.appending(untrusted: name.repositoryComponent)
    }

    /// The file of a tag; nil if the tag is too long for the file system.
    package static func tag(_ tag: String, in name: V1RepositoryName) -> ObjectKey? {
        repository(name)?.appending(untrusted: tagPrefix + PathQuoting.quoted(tag))
    }

    /// The tag whose file has this name; nil for other files.
    package static func tagName(_ file: String) -> String? {
        file.hasPrefix(tagPrefix) ? PathQuoting.unquoted(String(file.dropFirst(tagPrefix.count))) : nil
    }

    /// The push record of a tag; nil if the tag is too long for the file system.
    package static func tagJSON(_ tag: String, in name: V1RepositoryName) -> ObjectKey? {
        repository(name)?.appending(untrusted: "tag\(PathQuoting.quoted(tag))_json")
    }

    /// The push record of `latest`.
    package static func repositoryJSON(_ name: V1RepositoryName) -> ObjectKey? {
        repository(name)?.appending("json")
    }

    /// The list of images pushed to a repository.
    package static func indexImages(_ name: V1RepositoryName) -> ObjectKey? {
        repository(name)?.appending("_index_images")
    }

    /// The empty file that marks a repository as private.
    package static func privateMark(_ name: V1RepositoryName) -> ObjectKey? {
        repository(name)?.appending("_private")
    }
}

extension StorageError {
    /// Whether a v1 image, or a part of one, is absent.
    var isOfAbsentV1Image: Bool {
        guard case .absent(let key) = self else { return false }
        return key.description.hasPrefix(V1Layout.images.description + "/")
    }
}

extension EventRepository {
    /// A repository as people name it: by its v2 name, or by a v1 name that v2 does not allow; nil if it is neither.
    package init?(named text: String) {
        if let name = try? RepositoryName(parsing: text) {
            self.init(name)
            return
        }
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let name =
            parts.count > 1
            ? V1RepositoryName(namespace: parts[0], repository: parts[1])
            : V1RepositoryName(namespace: V1RepositoryName.libraryNamespace, repository: text)
        guard !name.namespace.isEmpty, !name.repository.isEmpty, V1Layout.repository(name) != nil else { return nil }
        self.init(name)
    }
}
