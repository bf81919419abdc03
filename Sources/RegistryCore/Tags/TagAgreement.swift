import Conversion
import ImageModel
import NIOCore
import Storage

/// Compares the targets of a tag in both layouts: whether they are the same image, even if no record says so.
struct TagAgreement: Sendable {
    private let tree: V1Tree
    private let blobs: Blobs
    private let manifests: Manifests

    init(tree: V1Tree, blobs: Blobs, manifests: Manifests) {
        self.tree = tree
        self.blobs = blobs
        self.manifests = manifests
    }

    /// Whether a manifest is the conversion of a v1 image.
    ///
    /// It is if converting the image's chain, with the manifest's layers and DiffIDs, gives the same manifest. Layers
    /// are not read again, but each must have the size given by the manifest.
    func isConversion(_ digest: Digest, of image: V1ImageID, in name: RepositoryName) async throws -> Bool {
        try await DocumentScope.reading { try await isConversionInScope(digest, of: image, in: name) }
    }

    private func isConversionInScope(
        _ digest: Digest,
        of image: V1ImageID,
        in name: RepositoryName
    ) async throws -> Bool {
        do {
            let manifest = try await manifests.read(digest, in: name)
            guard let configuration = manifest.configuration,
                let bytes = try await blobs.read(configuration.digest, limit: SmallFile.documentLimit)
            else { return false }
            let diffIDs = try await HeavyWork.parsing(bytes.readableBytes) { () throws(JSONSyntaxError) in
                let document = try JSONText(parsing: bytes.readableBytesView, depthLimit: JSONValue.depthLimit)
                return document["rootfs"]?["diff_ids"]?.elements?.compactMap(\.string) ?? []
            }
            let images = try await V1Chain(of: image, in: tree, checkingAncestry: false).images
            guard images.count == manifest.layers.count, images.count == diffIDs.count else { return false }
            var chain: [V1Layer] = []
            for (image, (layer, diffID)) in zip(images, zip(manifest.layers, diffIDs)) {
                guard try await tree.layerAttributes(image.id)?.byteCount == layer.size else { return false }
                chain.append(V1Layer(image: image, blob: layer, diffID: try Digest(parsing: diffID)))
            }
            let format: ImageFormat = manifest.kind == .ociManifest ? .oci : .schema2
            return try ConvertedImage(chain: chain, format: format).manifestDigest == digest
        } catch is DamagedImage {
            return false
        } catch is UnconvertibleImage {
            return false
        } catch is MalformedDigest {
            return false
        } catch is JSONSyntaxError {
            return false
        } catch RegistryError.manifestUnknown {
            return false
        }
    }
}
