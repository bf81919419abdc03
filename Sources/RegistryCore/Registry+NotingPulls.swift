import Conversion
package import ImageModel
import NIOCore

/// Pulls, for the receivers of notifications.
extension Registry {
    /// Whether anything takes note of pulls.
    package var notesPulls: Bool { events.recorder != nil }

    /// Notes a pull of a manifest.
    package func notePull(
        of manifest: ServedManifest,
        by reference: Reference,
        in name: RepositoryName,
        by actor: EventActor
    ) {
        var bytes = Array(buffer: manifest.content)
        // Like that of a push, it is described without its signatures.
        if manifest.mediaType == .schema1Signed, let signed = try? SignedSchema1(verifying: bytes) {
            bytes = signed.payload
        }
        let summary = ManifestSummary(bytes, mediaType: manifest.mediaType, digest: manifest.digest)
        let tag: String? = if case .tag(let tag) = reference { tag.description } else { nil }
        events.recorder?.note(RegistryPull(.manifest(summary, tag: tag), in: name, by: actor))
    }

    /// Notes a pull of a blob.
    package func notePull(of blob: Digest, byteCount: Int64, in name: RepositoryName, by actor: EventActor) {
        events.recorder?.note(RegistryPull(.blob(blob, byteCount: byteCount), in: name, by: actor))
    }

    /// Notes that a v1 client begins to pull an image. If a tag of the repository points to the image, it is a pull
    /// of that tag's manifest.
    ///
    /// - Parameter v1Name: The repository that the client says it pulls from.
    package func notePull(ofImage id: V1ImageID, in v1Name: V1RepositoryName, by actor: EventActor) async {
        do {
            guard let name = try? v1Name.v2Name else { return }
            let tags = try await bridge.tags(in: v1Name).filter { $0.image == id.description }.map(\.tag)
            guard let first = tags.first else { return }
            let digest: Digest
            switch try await bridge.target(of: first, in: EventRepository(v1Name)) {
            case .manifest(let manifest)?, .image(_, let manifest?)?: digest = manifest
            case .image(_, nil)?, nil: return
            }
            let manifest = ManifestSummary(try await manifests.read(digest, in: name), digest: digest)
            // The client does not say which of several tags it pulls.
            let tag = tags.count == 1 ? first : nil
            events.recorder?.note(RegistryPull(.manifest(manifest, tag: tag), in: name, by: actor))
        } catch {
            // The client is served nevertheless: notifications of pulls may be lost.
        }
    }

    /// Notes that a v1 client pulls the layer of an image. If the repository has that layer as a blob, it is a pull
    /// of the blob.
    ///
    /// - Parameter v1Name: The repository that the client says it pulls from.
    package func notePull(
        ofLayerOf id: V1ImageID,
        byteCount: Int64,
        in v1Name: V1RepositoryName,
        by access: ImageAccess,
        by actor: EventActor
    ) async {
        do {
            guard let name = try? v1Name.v2Name, let blob = try await v1Images.layerDigest(of: id, by: access),
                try await blobs.contains(blob, in: name)
            else { return }
            notePull(of: blob, byteCount: byteCount, in: name, by: actor)
        } catch {
            // As above.
        }
    }
}
