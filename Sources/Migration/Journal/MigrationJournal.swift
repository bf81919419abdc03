import Foundation
import ImageModel
import NIOCore
import NIOFoundationCompat
import RegistryCore
package import Storage
import SystemLibraries

/// What the runs of one migration have done: a line of JSON for each thing, synced, behind those that are there.
///
/// It is a cache: whoever deletes it makes the next run read again what is there. A line that a crash cut short is no
/// line; what it would have said is done again. When most lines are out of date, the others are written anew.
package actor MigrationJournal {
    /// What the lines say, the last of each kind.
    package struct Content: Sendable {
        package fileprivate(set) var images: [String: JournaledImage] = [:]
        package fileprivate(set) var tags: [String: JournaledTag] = [:]
        package fileprivate(set) var blobs: [String: JournaledBlob] = [:]
        /// How many lines there were.
        fileprivate(set) var lineCount = 0

        package init() {}

        /// Whether there was no earlier run, or none that came to anything.
        var isEmpty: Bool { images.isEmpty && tags.isEmpty }

        func tag(_ tag: String, in repository: String) -> JournaledTag? { tags["\(repository):\(tag)"] }
    }

    /// What earlier runs have done.
    package nonisolated let earlier: Content

    /// The blobs that were written, in this run or an earlier one, and not read back since; each with a repository that
    /// has it.
    private(set) var unverified: [Digest: RepositoryName] = [:]
    /// The blobs that became links of files that were hashed in this run.
    private(set) var linked: Set<Digest> = []
    /// The blobs that earlier runs have put there.
    private let placed: Set<String>

    private let storage: any FileStorage
    private let key: ObjectKey
    /// The file once it is open: opened by whoever comes first, for all.
    private var opening: Task<any FileWriter, any Error>?
    private let needsLineBreak: Bool
    private let encoder: JSONEncoder

    /// Reads the journal of a source, or begins it.
    ///
    /// - Parameters:
    ///   - storage: Where the destination keeps what is ours.
    ///   - source: What tells this source from others.
    package init(in storage: any FileStorage, of source: String) async throws {
        self.storage = storage
        self.key = Self.key(of: source)
        var lines = JournalLines()
        if let reader = try await storage.open(key) {
            var offset: Int64 = 0
            while case let bytes = try await reader.read(at: offset, byteCount: 1 << 20), bytes.readableBytes > 0 {
                offset += Int64(bytes.readableBytes)
                lines.take(bytes)
            }
        }
        self.earlier = lines.content
        self.needsLineBreak = lines.isCutShort
        self.encoder = Self.makeEncoder()
        self.placed = Set(lines.content.images.values.compactMap { $0.record?.blob })
        for blob in lines.content.blobs.values where blob.state == .written {
            guard let digest = try? Digest(parsing: blob.digest) else { continue }
            unverified[digest] = try? RepositoryName(parsing: blob.repository)
        }
    }

    /// Where the journal of a source is.
    package static func key(of source: String) -> ObjectKey {
        let name = Digest(.sha256, of: Array(source.utf8)).hex.prefix(16)
        return OwnLayout.root.appending("journals/migrate-\(name)")
    }

    /// Adds a line. It is durable when this returns.
    func append(_ entry: JournalEntry) async throws { try await append([entry]) }

    /// Adds lines. They are durable when this returns.
    func append(_ entries: [JournalEntry]) async throws {
        guard !entries.isEmpty else { return }
        var bytes = ByteBuffer()
        for entry in entries {
            bytes.writeData(try encoder.encode(entry))
            bytes.writeString("\n")
            guard case .blob(let blob) = entry, let digest = try? Digest(parsing: blob.digest) else { continue }
            unverified[digest] = blob.state == .written ? (try? RepositoryName(parsing: blob.repository)) : nil
        }
        let writer = try await opened()
        try await writer.append(bytes)
        try await writer.sync()
    }

    /// Adds the lines of an image that was imported, and of its blob unless that need not be read back.
    func append(_ image: JournaledImage, _ blob: Digest, in firstRepository: RepositoryName, _ placement: BlobPlacement)
        async throws
    {
        var entries = [JournalEntry.image(image)]
        switch placement {
        case .known: break
        case .linked: linked.insert(blob)
        case .shared where placed.contains(blob.description) || linked.contains(blob) || unverified[blob] != nil: break
        case .shared, .written: entries.append(.blob(JournaledBlob(blob, in: firstRepository, .written)))
        }
        try await append(entries)
    }

    /// Ends the run.
    package func close() async throws {
        try await opening?.value.close()
        opening = nil
    }

    private func opened() async throws -> any FileWriter {
        if let opening { return try await opening.value }
        let task = Task { [storage, key, needsLineBreak, earlier] in
            if earlier.isRepetitive {
                try await earlier.write(to: key, in: storage, Self.makeEncoder())
                return try await storage.append(to: key, isTemporary: false)
            }
            let writer = try await storage.append(to: key, isTemporary: false)
            if needsLineBreak { try await writer.append(ByteBuffer(string: "\n")) }
            return writer
        }
        opening = task
        return try await task.value
    }

    private static func makeEncoder() -> JSONEncoder {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return encoder
    }

    /// Reads lines that come in pieces.
    private struct JournalLines {
        var content = Content()
        private var rest: [UInt8] = []
        private let decoder = JSONDecoder()

        /// Whether the last line has no end.
        var isCutShort: Bool { !rest.isEmpty }

        mutating func take(_ bytes: ByteBuffer) {
            rest += bytes.readableBytesView
            var start = rest.startIndex
            while let end = rest[start...].firstIndex(of: UInt8(ascii: "\n")) {
                read(rest[start..<end])
                start = end + 1
            }
            rest.removeSubrange(..<start)
        }

        private mutating func read(_ line: ArraySlice<UInt8>) {
            content.lineCount += 1
            // A line that cannot be read says nothing: what it stands for is done again.
            guard let entry = try? decoder.decode(JournalEntry.self, from: Data(line)) else { return }
            switch entry {
            case .image(let image): content.images[image.image] = image
            case .tag(let tag): content.tags["\(tag.v1Repository):\(tag.tag)"] = tag
            case .blob(let blob): content.blobs[blob.digest] = blob
            }
        }
    }
}
