import Glibc
import NIOCore

@testable import Storage

/// Each way in which a storage changes the object under one key.
enum StorageOperation: CaseIterable {
    case write, replace, cache, take, remove
    case link, linkOver, linkFreshCopy, copy, stream, removeAll
    case put, putOver, putNew, putVersion, ensure, promote, promoteOver, promoteAcross, promoteBytes
    case share, shareOver, shareFreshCopy, prune, discard

    /// The key whose object changes.
    static let key = ObjectKey.root.appending("to/new/object")
    /// The source of a move, a link or a copy.
    static let source = ObjectKey.root.appending("from/object")

    /// The content of the key before: nil for nothing.
    var before: String? {
        switch self {
        case .replace, .linkOver, .remove, .removeAll: "old"
        case .putOver, .putVersion, .ensure, .promoteOver, .shareOver, .take, .prune, .discard: "old"
        case .write, .cache, .link, .linkFreshCopy, .copy, .stream: nil
        case .put, .putNew, .promote, .promoteAcross, .promoteBytes, .share, .shareFreshCopy: nil
        }
    }

    /// The content of the key afterwards.
    var after: String? {
        switch self {
        case .remove, .removeAll, .take, .prune, .discard: nil
        default: "new"
        }
    }

    /// Whether the source is gone afterwards.
    var isMove: Bool { [.promote, .promoteOver, .promoteAcross].contains(self) }

    /// Whether its effect survives a power failure.
    var isDurable: Bool { self != .cache && self != .discard }

    /// Whether, after a failed call, it may leave something for the sweep of stale staging files.
    var leavesStaging: Bool { self == .removeAll || self == .putNew }

    /// Whether it names bytes that are already durable.
    var isShare: Bool { [.share, .shareOver].contains(self) }

    /// The error for the first call of a kind that makes the operation take this path.
    var obstacle: (call: SystemCall, code: Int32)? {
        switch self {
        case .promoteAcross: (.rename, EXDEV)
        case .linkFreshCopy, .shareFreshCopy: (.link, EMLINK)
        default: nil
        }
    }

    /// Stores what has to exist before.
    func prepare(_ storage: any ObjectStorage) async throws {
        try await storage.write("new", to: Self.source.description)
        if let before { try await storage.write(before, to: Self.key.description) }
    }

    func run(on storage: any FileStorage) async throws {
        let source = LinkSource(Self.source, in: storage)
        switch self {
        case .write, .replace: try await storage.write("new", to: Self.key.description)
        case .cache: try await storage.write(ByteBuffer(string: "new"), to: Self.key, as: .cache)
        case .link, .linkOver, .linkFreshCopy:
            _ = try await storage.link(source, to: Self.key, allowing: .hardLink)
        case .copy: _ = try await storage.link(source, to: Self.key, allowing: .copy)
        case .stream:
            let memory = MemoryStorage()
            try await memory.write("new", to: "a")
            let source = LinkSource(.root.appending("a"), in: memory)
            _ = try await storage.link(source, to: Self.key, allowing: .hardLink)
        case .remove: try await storage.remove(Self.key)
        case .removeAll: try await storage.removeAll(below: Self.key.parent)
        default: try await storage.commit(try await batch(storage))
        }
    }

    /// The batch of the operation, if it is one, with another change after it.
    private func batch(_ storage: any ObjectStorage) async throws -> WriteBatch {
        var batch = WriteBatch()
        let new = ByteBuffer(string: "new")
        switch self {
        case .put, .putOver: batch.put(new, at: Self.key)
        case .putNew: batch.put(new, at: Self.key, if: .absent)
        case .putVersion:
            let version = try await storage.attributes(of: Self.key)?.version
            if let version { batch.put(new, at: Self.key, if: .version(version)) }
        case .ensure: batch.ensure(new, at: Self.key)
        case .promote, .promoteOver, .promoteAcross: batch.promote(try await storage.staged(Self.source), to: Self.key)
        case .promoteBytes:
            let token = StagingToken(data: .root.appending("staged/data"))
            let staged = try await storage.stage(.resumable(token))
            try await staged.append(new)
            batch.promote(staged, to: Self.key)
        case .share, .shareOver, .shareFreshCopy: batch.share(Self.source, as: Self.key)
        case .take: batch.remove(Self.key)
        case .prune: batch.remove([Self.key], pruning: Self.key.parent)
        case .discard: batch.discard(Self.key.parent)
        default: break
        }
        batch.put(new, at: .root.appending("to/another/object"))
        return batch
    }

    /// A recorder that creates the obstacle, and fails the calls that `fault` picks by index.
    func recorder(_ fault: @escaping @Sendable (Int) -> Int32? = { _ in nil }) -> CallRecorder {
        let obstacle = obstacle
        let seen = Counter()
        return CallRecorder { index, call, _ in
            if let code = fault(index) { return code }
            guard let obstacle, call == obstacle.call else { return nil }
            return seen.next() == 0 ? obstacle.code : nil
        }
    }
}
