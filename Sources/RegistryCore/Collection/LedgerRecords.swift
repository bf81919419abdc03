import ImageModel
import NIOCore
import Storage

/// The objects of a ledger that several processes share.
extension OwnLayout {
    /// The prefix of announced writes.
    static let intents = collection.appending("intents")
    /// The prefix of condemned content, by epoch.
    static let condemned = collection.appending("condemned")
    /// The prefix of verdicts, by epoch.
    static let verdicts = collection.appending("verdict")
    /// Written to learn the storage's time.
    static let collectionClock = collection.appending("clock")
    /// The lease of the collector.
    static let collectionLease = root.appending("lease/collection")

    /// An announced write.
    static func intent(_ number: UInt64) -> ObjectKey { intents.appending(String(number, radix: 16)) }

    /// The prefix of the content condemned in an epoch.
    static func condemned(in epoch: UInt64) -> ObjectKey { condemned.appending("\(epoch)") }

    /// The first verdict on condemned content.
    static func verdict(_ condemnation: Condemnation) -> ObjectKey {
        let digest = condemnation.content
        return verdicts.appending("\(condemnation.epoch)/\(digest.algorithm.rawValue)-\(digest.hex)")
    }
}

/// The text form of a set of digests: one a line, in order.
enum DigestLines {
    /// The maximum size of a list in bytes: that of an index with a million layers.
    static let byteLimit = 80 << 20

    static func encoded(_ digests: Set<Digest>) -> ByteBuffer {
        ByteBuffer(string: digests.sorted().map(\.description).joined(separator: "\n"))
    }

    /// - Throws: `StorageError.unreadable` if a line is not a digest: what it protects is unknown.
    static func decoded(_ bytes: ByteBuffer, _ key: ObjectKey) throws(StorageError) -> Set<Digest> {
        var digests: Set<Digest> = []
        for line in bytes.readableBytesView.split(separator: UInt8(ascii: "\n")) {
            guard let digest = try? Digest(parsing: String(decoding: line, as: UTF8.self)) else {
                throw .unreadable(key, reason: "it is not a list of digests")
            }
            digests.insert(digest)
        }
        return digests
    }
}
