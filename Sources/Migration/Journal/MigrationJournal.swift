import Foundation
import ImageModel
import NIOCore
import NIOFoundationCompat
import RegistryCore
package import Storage
import SystemLibraries

/// A log of what the runs of one migration have done: one line of JSON per entry, appended and synced.
///
/// It is a cache: when it is deleted, the next run reads everything again. A line cut short by a crash is ignored, and
/// its work is redone. When most lines are superseded, the journal is compacted.
package actor MigrationJournal {
    /// The current entries: the last line for each subject.
    package struct Content: Sendable {
        /// The images, by id.
        package fileprivate(set) var images: [String: JournaledImage] = [:]
        /// The tags, by `REPOSITORY:TAG` with the name of the repository in v1.
        package fileprivate(set) var tags: [String: JournaledTag] = [:]
        /// The blobs, by digest.
        package fileprivate(set) var blobs: [String: JournaledBlob] = [:]
        /// The number of lines read.
        fileprivate(set) var lineCount = 0

        package init() {}

        /// Whether no earlier run has completed anything.
        var isEmpty: Bool { images.isEmpty && tags.isEmpty }

        func tag(_ tag: String, in repository: String) -> JournaledTag? { tags["\(repository):\(tag)"] }
    }

    /// The entries of earlier runs.
    package nonisolated let earlier: Content

    /// Blobs written by this run or an earlier one and not read back since, each with a repository that contains it.
    private(set) var unverified: [Digest: RepositoryName] = [:]
    /// The blobs linked to files that this run has hashed.
    private(set) var linked: Set<Digest> = []
    /// The blobs stored by earlier runs.
    private let placed: Set<String>

    private let storage: any FileStorage
    private let key: ObjectKey
    /// The open file, opened by the first append.
    private var opening: Task<any FileWriter, any Error>?
    private let needsLineBreak: Bool
    private let encoder: JSONEncoder

    /// Reads the journal of a source, or creates it.
    ///
    /// - Parameters:
    ///   - storage: The destination's workspace.
    ///   - source: A name that distinguishes this source from others.
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

    /// The key of a source's journal.
    package static func key(of source: String) -> ObjectKey {
        let name = Digest(.sha256, of: Array(source.utf8)).hex.prefix(16)
        return OwnLayout.root.appending("journals/migrate-\(name)")
    }

    /// Appends an entry, which is durable on return.
    func append(_ entry: JournalEntry) async throws { try await append([entry]) }

    /// Appends entries, which are durable on return.
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

    /// Appends an imported image, and its blob if that needs to be read back.
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

    /// Closes the file at the end of a run.
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

    /// Parses lines that arrive in pieces.
    private struct JournalLines {
        var content = Content()
        private var rest: [UInt8] = []
        private let decoder = JSONDecoder()

        /// Whether the last line is incomplete.
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
            // A malformed line is ignored: its work is redone.
            guard let entry = try? decoder.decode(JournalEntry.self, from: Data(line)) else { return }
            switch entry {
            case .image(let image): content.images[image.image] = image
            case .tag(let tag): content.tags["\(tag.v1Repository):\(tag.tag)"] = tag
            case .blob(let blob): content.blobs[blob.digest] = blob
            }
        }
    }
}
