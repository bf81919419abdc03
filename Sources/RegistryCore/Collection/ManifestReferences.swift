import ImageModel
import NIOCore

/// The content that a manifest names.
struct ManifestReferences: Sendable {
    /// Blobs.
    private(set) var blobs: Set<Digest> = []
    /// Entries of an index: manifests, or the blobs of a BuildKit cache.
    private(set) var children: Set<Digest> = []
    /// The subject, which the manifest does not keep alive.
    private(set) var subject: Digest?

    /// Everything the manifest keeps alive.
    var all: Set<Digest> { blobs.union(children) }

    /// Reads a stored manifest. If it is malformed or of an unknown kind, all text that looks like a digest counts.
    init(of bytes: ByteBuffer) {
        let manifest = Manifest(stored: Array(buffer: bytes))
        let descriptors = [manifest.configuration].compactMap(\.self) + manifest.layers
        blobs = Set(descriptors.map(\.digest) + (manifest.schema1?.layers ?? []))
        for child in manifest.manifests.map(\.descriptor) {
            if child.size <= Int64(Manifests.byteLimit) {
                children.insert(child.digest)
            } else {
                blobs.insert(child.digest)
            }
        }
        subject = manifest.subject?.digest
        if manifest.fault != nil || manifest.kind == .other {
            blobs.formUnion(Self.digests(in: bytes).subtracting([subject].compactMap(\.self)))
        }
    }

    private static func digests(in bytes: ByteBuffer) -> Set<Digest> {
        var found: Set<Digest> = []
        let view = bytes.readableBytesView
        for algorithm in Digest.Algorithm.allCases {
            let prefix = Array("\(algorithm.rawValue):".utf8)
            let byteCount = prefix.count + algorithm.hexDigitCount
            var index = view.startIndex
            while let colon = view[index...].firstIndex(of: UInt8(ascii: ":")) {
                index = view.index(after: colon)
                let start = index - prefix.count
                guard start >= view.startIndex, start + byteCount <= view.endIndex,
                    let digest = try? Digest(parsing: String(decoding: view[start..<start + byteCount], as: UTF8.self))
                else { continue }
                found.insert(digest)
            }
        }
        return found
    }
}
