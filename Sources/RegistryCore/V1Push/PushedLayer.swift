import ImageModel
import Storage
import SystemLibraries

/// A layer that was pushed for an incomplete image, possibly one of several.
struct PushedLayer: Sendable {
    /// Its bytes.
    let staged: any StagedObject
    /// Distinguishes it from other layers.
    var key: ObjectKey { staged.place }
    /// The digest of its bytes, whether or not they are a valid layer.
    let digest: Digest
    /// The layer's facts; nil if the bytes are not a valid layer. v1 clients may push such bytes; v2 never sees them.
    let facts: LayerFacts?
    /// Its known payload checksums, by the digest of the JSON that they also cover.
    var checksums: [Digest: Digest]

    /// Describes a pushed layer, all of which `scan` has read.
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
            // Damage does not fail the push: the bytes are kept for v1 as they are, and v2 reports what is wrong.
            self.facts = nil
        }
    }
}
