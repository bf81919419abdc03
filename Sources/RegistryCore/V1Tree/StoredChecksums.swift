import ImageModel
import NIOCore
import SystemLibraries

/// The checksums stored with the images of a v1 tree, used to verify layers.
struct StoredChecksums: Sendable {
    let tree: V1Tree

    /// The checksum of an image; nil if there is none or it is malformed.
    func checksum(of id: V1ImageID) async throws -> V1Checksum? {
        guard let bytes = try await tree.checksum(id) else { return nil }
        return try? V1Checksum(parsing: Array(buffer: bytes))
    }

    /// Checks a layer against the stored checksum. Returns nil if it matches, otherwise why it cannot be verified.
    ///
    /// - Parameter tarsums: The tarsums of the layer.
    /// - Throws: ``DamagedImage`` if the layer has a different checksum.
    func notice(_ id: V1ImageID, _ facts: LayerFacts, _ tarsums: [String]) async throws -> V1Notice? {
        guard let bytes = try await tree.checksum(id) else { return .noChecksum }
        guard let checksum = try? V1Checksum(parsing: Array(buffer: bytes)) else { return .unreadableChecksum }
        if let actual = facts.payloadChecksum, checksum.payloadDigests.contains(actual) { return nil }
        if tarsums.contains(where: checksum.tarsums.contains) { return nil }
        guard let first = checksum.payloadDigests.first else { return tarsums.isEmpty ? .onlyTarsum : .differentTarsum }
        throw DamagedImage(id, .checksumMismatch(stored: first.description))
    }
}
