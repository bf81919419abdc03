import ImageModel
import Storage
import SystemLibraries

/// A layer that was pushed for an image that is not complete yet: one of perhaps several.
struct PushedLayer: Sendable {
    /// Its bytes.
    let staged: any StagedObject
    /// What tells it from others.
    var key: ObjectKey { staged.place }
    /// The digest of its bytes, whatever they are.
    let digest: Digest
    /// What is known of it; nil for bytes that are no layer, which v1 clients may push and v2 never sees.
    let facts: LayerFacts?
    /// The payload checksums that are known, by the digest of the JSON that they cover too.
    var checksums: [Digest: Digest]

    /// Hashes bytes that were pushed as a layer, all of which `scan` has seen.
    ///
    /// - Parameter json: The digest of the JSON that the scan was started with.
    init(_ staged: any StagedObject, scan: LayerScan, json: Digest) {
        let stored = scan.storedBytes
        self.staged = staged
        self.digest = stored.digest
        self.checksums = stored.payloadChecksum.map { [json: $0] } ?? [:]
        do {
            self.facts = try scan.finish()
        } catch {
            // Damage is no fault of the push: the bytes are kept for v1 as they came, and v2 says what is wrong.
            self.facts = nil
        }
    }
}
