import Foundation
import NIOCore
import NIOPosix
import Storage
import Synchronization

/// The store of these tests' registries: files or, when the environment variable `LONGSHORE_STORE` is `bucket`, objects
/// in memory like in an object store (``MemoryBucket``).
enum TestStore {
    /// Whether it is a bucket.
    static let isBucket = ProcessInfo.processInfo.environment["LONGSHORE_STORE"] == "bucket"

    /// How long a registry here caches observations: as short for buckets as for files, or tests would have to wait.
    static let window: Duration = .milliseconds(200)

    private static let buckets = Mutex<[String: MemoryBucket]>([:])

    /// Opens the store at a path. Opening it again gives the same objects. A bucket starts with the files that exist
    /// when it is first opened.
    static func open(_ root: String, access: FileSystemStorage.Access = .readWrite) async throws -> any ObjectStorage {
        guard isBucket else {
            return try await FileSystemStorage.open(root: root, access: access, threadPool: .singleton)
        }
        let (known, fresh) = buckets.withLock { buckets in
            if let known = buckets[root] { return (known as MemoryBucket?, nil as MemoryBucket?) }
            let fresh = MemoryBucket()
            buckets[root] = fresh
            return (nil, fresh)
        }
        if let known { return MemoryBucket(sharing: known) }
        let bucket = fresh ?? MemoryBucket()
        for name in try FileManager.default.subpathsOfDirectory(atPath: root) {
            let file = URL(filePath: "\(root)/\(name)")
            guard try file.resourceValues(forKeys: [.isRegularFileKey]).isRegularFile == true else { continue }
            let key = try ObjectKey(validating: name)
            try await bucket.write(.init(bytes: try Data(contentsOf: file)), to: key)
        }
        return MemoryBucket(sharing: bucket)
    }

    /// Deletes a bucket, and those below its path.
    static func close(_ root: String) {
        buckets.withLock { buckets in
            buckets = buckets.filter { $0.key != root && !$0.key.hasPrefix(root + "/") }
        }
    }

    /// The bucket with the object of a path, and its key there; nil for a file.
    static func place(of path: String) -> (bucket: MemoryBucket, key: ObjectKey)? {
        guard isBucket else { return nil }
        return buckets.withLock { buckets in
            for (root, bucket) in buckets {
                if path == root { return (bucket, .root) }
                guard path.hasPrefix(root + "/") else { continue }
                let parts = path.dropFirst(root.count).split(separator: "/").joined(separator: "/")
                guard let key = try? ObjectKey(validating: parts) else { continue }
                return (bucket, key)
            }
            return nil
        }
    }
}
