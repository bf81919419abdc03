import ImageModel
import NIOCore
import Storage

/// Collects what takes bytes, and the repositories that have it, from all files of a storage.
///
/// Content is numbered: a blob, a v1 layer, or the other files of a v1 image. Names of one file have one number.
struct UsageScan {
    /// What a repository refers to.
    struct Holdings {
        /// The numbers of digests.
        var digests: [UInt32] = []
        /// The images that its v1 tags point to.
        var images: Set<V1ImageID> = []
        /// The bytes of its uploads, which no other repository has.
        var uploads = CollectionReport.Tally()
    }

    /// The content of a v1 image.
    struct Image {
        /// The number of its layer.
        var layer: UInt32?
        /// The total size of its other files.
        var others = CollectionReport.Tally()
        /// The numbers of the digests that its layer was stored under.
        var digests: [UInt32] = []
    }

    let walk: CollectionWalk
    private(set) var sizes: [Int64] = []
    private(set) var table = DigestTable()
    /// The content of blobs, by the numbers of their digests.
    private(set) var blobs: [UInt32: UInt32] = [:]
    private(set) var images: [V1ImageID: Image] = [:]
    private(set) var repositories: [String: Holdings] = [:]
    /// The blobs that layers were recompressed to, by layer; both are numbers of digests.
    private(set) var recompressions: [UInt32: UInt32] = [:]
    private(set) var records = CollectionReport.Tally()
    private(set) var total = CollectionReport.Tally()
    /// The content of files, by the hashes of their versions.
    private var known: [Int: UInt32] = [:]

    init(_ storage: any ObjectStorage) { walk = CollectionWalk(storage: storage) }

    /// Examines all files.
    mutating func run() async throws {
        try await StorageWalk(storage: walk.storage).visit(.root) { try await take($0) }
    }

    private mutating func take(_ files: [StorageWalk.File]) async throws {
        for file in files {
            switch UsagePlace(file.key) {
            case .blob(let digest): blobs[number(of: digest)] = content(file)
            case .image(let id, isLayer: true): images[id, default: Image()].layer = content(file)
            case .image(let id, isLayer: false):
                images[id, default: Image()].others.add(file.attributes.byteCount)
                total.add(file.attributes.byteCount)
            case .upload(let name):
                repositories[name, default: Holdings()].uploads.add(file.attributes.byteCount)
                total.add(file.attributes.byteCount)
            case .link(let name, let digest), .derived(let name, let digest):
                repositories[name, default: Holdings()].digests.append(number(of: digest))
                note(file)
            case .indirectLink(let name):
                if let digest = try await digest(in: file.key) {
                    repositories[name, default: Holdings()].digests.append(number(of: digest))
                }
                note(file)
            case .tag(let name):
                if let id = try await image(in: file.key) { repositories[name, default: Holdings()].images.insert(id) }
                note(file)
            case .recompressed(let layer):
                if let blob = try await digest(in: file.key) {
                    recompressions[number(of: layer)] = number(of: blob)
                }
                note(file)
            case .layerRecord(let id):
                let digests = try await recorded(in: file.key).map { number(of: $0) }
                images[id, default: Image()].digests = digests
                note(file)
            case .other: note(file)
            }
        }
    }

    private mutating func note(_ file: StorageWalk.File) {
        records.add(file.attributes.byteCount)
        total.add(file.attributes.byteCount)
    }

    private mutating func number(of digest: Digest) -> UInt32 {
        UInt32(truncatingIfNeeded: table.number(of: digest))
    }

    /// The number of a file's content.
    private mutating func content(_ file: StorageWalk.File) -> UInt32 {
        let version = file.attributes.version.hashValue
        if walk.storage.traits.sharesBytes, let number = known[version] { return number }
        let number = UInt32(truncatingIfNeeded: sizes.count)
        sizes.append(file.attributes.byteCount)
        if walk.storage.traits.sharesBytes { known[version] = number }
        total.add(file.attributes.byteCount)
        return number
    }

    private func digest(in key: ObjectKey) async throws -> Digest? {
        if case .digest(let digest)? = try await walk.digests(in: [key]).first { return digest }
        return nil
    }

    /// The image that a v1 tag points to.
    private func image(in key: ObjectKey) async throws -> V1ImageID? {
        try await note(key, limit: 256).flatMap { V1Tag(content: Array(buffer: $0), modified: 0).image }
    }

    /// The digests in the record of a v1 layer.
    private func recorded(in key: ObjectKey) async throws -> [Digest] {
        guard let bytes = try await note(key, limit: 64 << 10),
            let record = try? JSONFile.decoded(LayerRecord.self, from: bytes)
        else { return [] }
        return Set([record.blob, record.digest].compactMap { try? Digest(parsing: $0) }).sorted()
    }

    /// A small file; nil if it is gone, damaged or too large.
    private func note(_ key: ObjectKey, limit: Int) async throws(StorageError) -> ByteBuffer? {
        do { return try await walk.storage.readNote(key, limit: limit) } catch {
            if error.isOfOneObject { return nil }
            throw error
        }
    }
}
