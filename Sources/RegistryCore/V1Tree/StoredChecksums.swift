import ImageModel
import NIOCore
import SystemLibraries

/// The checksums that were stored with the images of a v1 tree, as they attest layers.
struct StoredChecksums: Sendable {
    let tree: V1Tree

    /// The checksum of an image; nil where there is none, or none that can be read.
    func checksum(of id: V1ImageID) async throws -> V1Checksum? {
        guard let bytes = try await tree.checksum(id) else { return nil }
        return try? V1Checksum(parsing: Array(buffer: bytes))
    }

    /// Nil when a layer that was read has the stored checksum, else why that cannot be told.
    ///
    /// - Parameter tarsums: The tarsums of the layer.
    /// - Throws: ``DamagedImage`` for a layer that has another checksum.
    func notice(_ id: V1ImageID, _ facts: LayerFacts, _ tarsums: [String]) async throws -> V1Notice? {
        guard let bytes = try await tree.checksum(id) else { return .noChecksum }
        guard let checksum = try? V1Checksum(parsing: Array(buffer: bytes)) else { return .unreadableChecksum }
        if let actual = facts.payloadChecksum, checksum.payloadDigests.contains(actual) { return nil }
        if tarsums.contains(where: checksum.tarsums.contains) { return nil }
        guard let first = checksum.payloadDigests.first else { return tarsums.isEmpty ? .onlyTarsum : .differentTarsum }
        throw DamagedImage(id, .checksumMismatch(stored: first.description))
    }
}
