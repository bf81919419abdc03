import ImageModel
import Storage
import SystemLibraries

/// Finds the JSON and layer that match a checksum among all that were pushed for an image.
struct PushedPairs: Sendable {
    private let candidates: PushCandidates
    private let limits: LayerLimits

    /// - Parameter limits: The limits on the work for one layer.
    init(candidates: PushCandidates, limits: LayerLimits) {
        self.candidates = candidates
        self.limits = limits
    }

    /// Rejects headers without a checksum.
    func requireNamed(_ checksum: PushChecksum) throws {
        if checksum.isFromOldClient, checksum.tarsum != nil { return }
        guard let payload = checksum.payload else { throw RegistryError.v1(.checksumHeaderMissing) }
        guard !payload.isEmpty else { throw RegistryError.v1(.checksumEmpty) }
    }

    /// The pair that matches the checksum; nil if none does.
    func pair(for checksum: PushChecksum, at place: PushPlace) async throws -> PushedPair? {
        let jsons = try await candidates.jsons(at: place)
        guard let current = jsons.first else { return nil }
        let layers = try await candidates.layers(at: place, json: current)
        for json in jsons {
            for layer in layers {
                if let digest = try await candidates.checksum(of: layer, json: json, at: place),
                    digest.description == checksum.payload
                {
                    return PushedPair(json: json, layer: layer, checksum: digest)
                }
            }
        }
        guard checksum.isFromOldClient else { return nil }
        return try await oldClientPair(checksum, at: place, jsons: jsons, layers: layers)
    }

    /// The pair of a client older than Docker 0.10: the one that matches its tarsum, else the latest JSON and valid
    /// layer.
    private func oldClientPair(
        _ checksum: PushChecksum,
        at place: PushPlace,
        jsons: [[UInt8]],
        layers: [PushedLayer]
    ) async throws -> PushedPair? {
        for layer in layers {
            guard layer.facts != nil else { continue }
            let sums = try await layer.staged.reader().tarSums(limits: limits)
            for json in jsons {
                guard let sum = sums.tarsum(ofV1ImageJSON: json), sum == checksum.tarsum else { continue }
                return try await pair(json, layer, at: place)
            }
        }
        guard let json = jsons.first, let layer = layers.first(where: { $0.facts != nil }) else { return nil }
        return try await pair(json, layer, at: place)
    }

    private func pair(_ json: [UInt8], _ layer: PushedLayer, at place: PushPlace) async throws -> PushedPair? {
        try await candidates.checksum(of: layer, json: json, at: place).map {
            PushedPair(json: json, layer: layer, checksum: $0)
        }
    }
}

/// The JSON and layer of an image, as selected by a checksum.
struct PushedPair: Sendable {
    let json: [UInt8]
    let layer: PushedLayer
    /// The SHA-256 of the JSON, a newline and the layer.
    let checksum: Digest
}
