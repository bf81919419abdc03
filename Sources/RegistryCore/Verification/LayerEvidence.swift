import ImageModel
import NIOCore
import Storage
import SystemLibraries

/// What is stored about a layer besides its bytes.
struct LayerEvidence: Sendable {
    /// What a layer's bytes prove.
    enum Proof: Sendable {
        case sound
        case damaged
        /// The layer is sound, so the checksum or the JSON is damaged, for this reason.
        case wrongChecksum(String)
        /// The layer is sound, and the JSON is not the one that Longshore verified with it.
        case wrongJSON
    }

    private let id: V1ImageID
    private let json: [UInt8]?
    private let checksum: V1Checksum?
    /// Why the checksum cannot be read.
    let checksumError: StorageError?
    /// Whether there is a checksum.
    let hasChecksum: Bool
    /// The record of the layer, if it describes the stored JSON.
    let record: LayerRecord?
    /// The digest of the layer that was verified with another JSON.
    private let otherDigest: String?
    /// The digest of a v2 image's layer that was written into the tree.
    let projected: Digest?

    /// - Parameter hasJSON: Whether the image has a valid JSON.
    init(of id: V1ImageID, hasJSON: Bool, in context: VerificationContext) async throws {
        self.id = id
        var json: [UInt8]?
        do {
            if hasJSON { json = try await context.tree.json(id).map { Array(buffer: $0) } }
        } catch let error as StorageError where error.isOfOneFile {
            // This damage is known already.
        }
        let stored = try await context.storage.results(of: [V1Layout.checksum(id)], limit: SmallFile.documentLimit)[0]
        switch stored {
        case .success(let bytes):
            hasChecksum = bytes != nil
            checksum = bytes.flatMap { try? V1Checksum(parsing: Array(buffer: $0)) }
            checksumError = nil
        case .failure(let error): (hasChecksum, checksum, checksumError) = (true, nil, error)
        }
        let record = try await context.note(OwnLayout.layerRecord(id)).flatMap {
            try? JSONFile.decoded(LayerRecord.self, from: $0)
        }
        let jsonDigest = json.map { Digest(.sha256, of: $0).description }
        self.record = record?.source.json == jsonDigest ? record : nil
        otherDigest = record?.source.json == jsonDigest ? nil : record?.digest
        projected = try await context.note(OwnLayout.storedProjection(id)).flatMap {
            try? Digest(parsing: String(buffer: $0))
        }
        self.json = json
    }

    /// Whether there is a checksum that is malformed.
    var isChecksumMalformed: Bool { hasChecksum && checksum == nil && checksumError == nil }

    /// The checksums of the JSON and the layer.
    var payloads: [Digest] { checksum?.payloadDigests ?? [] }

    /// The bytes before the layer that a checksum covers; nil if there is no such checksum.
    var payloadPrefix: [UInt8]? { payloads.isEmpty ? nil : json.map { $0 + [UInt8(ascii: "\n")] } }

    /// Judges bytes that were read.
    func judge(_ content: ContentHasher.Content, in context: VerificationContext) async throws -> Proof {
        guard content.file.byteCount > 0 else { return .damaged }
        if let payload = content.payload, payloads.contains(payload) { return .sound }
        if let projected, !hasChecksum { return content.digest == projected ? .sound : .damaged }
        if let record, !payloads.isEmpty || record.source.describes(content.file) {
            guard record.digest == content.digest.description else { return .damaged }
            return payloads.isEmpty
                ? .sound : .wrongChecksum("the layer and the json were verified before, and it contradicts them")
        }
        if !payloads.isEmpty, json != nil, otherDigest == content.digest.description { return .wrongJSON }
        let tarsums = checksum?.tarsums ?? []
        guard payloads.isEmpty || !tarsums.isEmpty || json == nil else {
            let blob = try await context.storage.attributes(of: V2Layout.blobData(content.digest))
            guard blob?.byteCount == content.file.byteCount else { return .damaged }
            return .wrongChecksum("the layer is the blob \(content.digest), and it contradicts the layer or the json")
        }
        return try await scan(content.file, tarsums, in: context)
    }

    /// Reads a layer that no checksum covers: it must at least be a valid archive.
    private func scan(
        _ file: ObjectAttributes,
        _ tarsums: [String],
        in context: VerificationContext
    ) async throws -> Proof {
        guard let reader = try await context.storage.open(V1Layout.layer(id)),
            reader.attributes.version == file.version
        else { return .damaged }
        let versions = TarSums.Version.allCases.filter { version in
            tarsums.contains { $0.hasPrefix(version.rawValue) }
        }
        let scan = LayerScan(v1ImageJSON: json, tarsums: Set(versions), limits: LayerLimits())
        try await scan.read(reader)
        do { _ = try scan.finish() } catch { return .damaged }
        if payloads.isEmpty || json == nil { return .sound }
        return scan.tarsums.contains(where: tarsums.contains) ? .sound : .damaged
    }

    /// Whether a blob's bytes are certainly the layer.
    func proves(_ content: ContentHasher.Content) -> Bool {
        if let payload = content.payload { return payloads.contains(payload) }
        guard payloads.isEmpty else { return false }
        return [projected?.description, record?.digest].contains(content.digest.description)
    }

    /// The digests that the layer may have.
    var candidates: Set<Digest> {
        Set([projected, record.flatMap { try? Digest(parsing: $0.digest) }].compactMap(\.self))
    }

    /// The checksum of the JSON and the layer, if they are those that Longshore verified.
    func verifiedChecksum(of layer: ObjectKey, in context: VerificationContext) async throws -> Digest? {
        guard let json, let record else { return nil }
        let prefix = json + [UInt8(ascii: "\n")]
        let verdict = try await context.hasher.verdict(on: layer, after: prefix) {
            $0.digest.description == record.digest
        }
        if case .sound(let content) = verdict { return content.payload }
        return nil
    }

    /// Why these bytes are not the layer.
    func fault(of content: ContentHasher.Content) -> String {
        if content.file.byteCount == 0 { return "it is empty" }
        let bytes = "its \(content.file.byteCount) bytes"
        if let payload = payloads.first { return "\(bytes) and the json do not have the checksum \(payload)" }
        if let expected = projected?.description ?? record?.digest {
            return "\(bytes) do not have the digest \(expected)"
        }
        return "\(bytes) are no layer: the archive is damaged"
    }
}
