package import ImageModel
package import Storage

/// Where docker-registry 0.9.1 keeps things below its root.
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
    /// What a tag's file name begins with.
    package static let tagPrefix = "tag_"

    /// The directory of an image.
    package static func image(_ id: V1ImageID) -> ObjectKey { images.appending(id.description) }
    /// The JSON that was pushed, byte for byte.
    package static func json(_ id: V1ImageID) -> ObjectKey { image(id).appending("json") }
    /// The layer that was pushed, byte for byte.
    package static func layer(_ id: V1ImageID) -> ObjectKey { image(id).appending("layer") }
    /// The list of an image and its ancestors, itself first.
    package static func ancestry(_ id: V1ImageID) -> ObjectKey { image(id).appending("ancestry") }
    /// The checksums of the JSON and the layer.
    package static func checksum(_ id: V1ImageID) -> ObjectKey { image(id).appending("_checksum") }
    /// The mark of an image whose push has not ended.
    package static func inProgress(_ id: V1ImageID) -> ObjectKey { image(id).appending("_inprogress") }

    /// The list of the files in a layer, as it was answered before.
    package static func files(_ id: V1ImageID) -> ObjectKey { image(id).appending("_files") }

    /// The directory of a repository, or nil for a name too long for the file system.
    package static func repository(_ name: V1RepositoryName) -> ObjectKey? {
        repositories.appending(untrusted: name.namespaceComponent)?.appending(untrusted: name.repositoryComponent)
    }

    /// The file of a tag, or nil for a tag too long for the file system.
    package static func tag(_ tag: String, in name: V1RepositoryName) -> ObjectKey? {
        repository(name)?.appending(untrusted: tagPrefix + PathQuoting.quoted(tag))
    }

    /// The tag whose file has this name, or nil for another file's.
    package static func tagName(_ file: String) -> String? {
        file.hasPrefix(tagPrefix) ? PathQuoting.unquoted(String(file.dropFirst(tagPrefix.count))) : nil
    }

    /// The file that says who pushed a tag, or nil for a tag too long for the file system.
    package static func tagJSON(_ tag: String, in name: V1RepositoryName) -> ObjectKey? {
        repository(name)?.appending(untrusted: "tag\(PathQuoting.quoted(tag))_json")
    }

    /// The file that says who pushed `latest`.
    package static func repositoryJSON(_ name: V1RepositoryName) -> ObjectKey? {
        repository(name)?.appending("json")
    }

    /// The list of the images that were pushed to a repository.
    package static func indexImages(_ name: V1RepositoryName) -> ObjectKey? {
        repository(name)?.appending("_index_images")
    }

    /// The empty file whose presence makes a repository private.
    package static func privateMark(_ name: V1RepositoryName) -> ObjectKey? {
        repository(name)?.appending("_private")
    }
}
