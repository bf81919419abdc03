package import ImageModel

/// Why a manifest cannot be had in another form.
package enum UnderivableManifest: Error, Equatable, CustomStringConvertible {
    /// It is stored, and cannot be understood.
    case malformed(MalformedManifest)
    /// Its configuration is not here, or cannot be used.
    case unusableConfiguration(Digest, reason: String)
    /// It is no image's: the type of what its configuration is.
    case artifact(MediaType?)
    /// One of its layers is no tar; its type.
    case foreignContent(MediaType)
    /// One of its layers lives elsewhere, which the form cannot say.
    case layerElsewhere(Digest)
    /// One of its layers has a compression that the form does not know, and no other form of it is at hand.
    case unreadableLayer(Digest)
    /// No image in the list is for this platform.
    case noEntry(Platform)
    /// No entry of the list is an image that is here.
    case noImages
    /// The list has more images than are converted.
    case tooManyImages(limit: Int)
    /// Its configuration makes no v1 chain.
    case unprojectable(UnprojectableImage)
    /// Its v1 chain makes no configuration.
    case unconvertible(UnconvertibleImage)

    package var description: String {
        switch self {
        case .malformed(let fault): "it cannot be converted: \(fault)"
        case .unusableConfiguration(let digest, let reason): "its configuration \(digest) cannot be used: \(reason)"
        case .artifact(let type?): "it is no image but an artifact of the type \(type), which has no other form"
        case .artifact(nil): "it is no image but an artifact, which has no other form"
        case .foreignContent(let type) where type.description.isEmpty: "it does not say what its layers are"
        case .foreignContent(let type): "it has a layer of the type \(type), which is no tar"
        case .layerElsewhere(let digest): "its layer \(digest) is not held by a registry, which this form cannot say"
        case .unreadableLayer(let digest): "its layer \(digest) is compressed in a way that this form does not know"
        case .noEntry(let platform): "the list has no image for \(platform)"
        case .noImages: "the list has no images"
        case .tooManyImages(let limit): "the list has more than \(limit) images, which are not converted"
        case .unprojectable(let error): "\(error)"
        case .unconvertible(let error): "\(error)"
        }
    }
}
