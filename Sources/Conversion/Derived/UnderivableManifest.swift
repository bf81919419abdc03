package import ImageModel

/// The reason why a manifest cannot be converted to another format.
package enum UnderivableManifest: Error, Equatable, CustomStringConvertible {
    /// The stored manifest cannot be interpreted.
    case malformed(MalformedManifest)
    /// Its configuration is missing or unusable.
    case unusableConfiguration(Digest, reason: String)
    /// It is not an image; carries its artifact type or its configuration's type.
    case artifact(MediaType?)
    /// One of its layers is not a tar; carries the layer's type.
    case foreignContent(MediaType)
    /// One of its layers is foreign, which the format cannot express.
    case layerElsewhere(Digest)
    /// One of its layers has a compression that the format does not support, and no replacement is available.
    case unreadableLayer(Digest)
    /// The list has no image for this platform.
    case noEntry(Platform)
    /// None of the list's entries is an image stored here.
    case noImages
    /// The list has more images than the conversion limit.
    case tooManyImages(limit: Int)
    /// Its configuration cannot be converted to a v1 chain.
    case unprojectable(UnprojectableImage)
    /// Its v1 chain cannot be converted to a configuration.
    case unconvertible(UnconvertibleImage)

    package var description: String {
        switch self {
        case .malformed(let fault): "it cannot be converted: \(fault)"
        case .unusableConfiguration(let digest, let reason): "its configuration \(digest) cannot be used: \(reason)"
        case .artifact(let type?): "artifact of type \(type): only images can be converted"
        case .artifact(nil): "artifact: only images can be converted"
        case .foreignContent(let type) where type.description.isEmpty: "its layers have no media type"
        case .foreignContent(let type): "it has a layer of type \(type), which is not a tar"
        case .layerElsewhere(let digest): "foreign layer \(digest) cannot be expressed in this format"
        case .unreadableLayer(let digest): "the compression of its layer \(digest) is not supported in this format"
        case .noEntry(let platform): "the list has no image for \(platform)"
        case .noImages: "the list has no images"
        case .tooManyImages(let limit): "the list has more than \(limit) images: too many to convert"
        case .unprojectable(let error): "\(error)"
        case .unconvertible(let error): "\(error)"
        }
    }
}
