import Storage

/// A walk over all files of a storage.
struct StorageWalk: Sendable {
    /// A file and its attributes.
    struct File: Sendable {
        let key: ObjectKey
        let attributes: ObjectAttributes
    }

    private struct Directory {
        let key: ObjectKey
        /// The directories that it is in, and itself.
        let ancestors: [ObjectVersion]
    }

    let storage: any ObjectStorage

    /// The number of keys examined in one step.
    private static let stepCount = 256
    /// No layout has longer keys.
    private static let keyLimit = 1024

    /// Calls `body` with the files below `prefix`, a step at a time. Files that disappear meanwhile are left out.
    func visit(_ prefix: ObjectKey, _ body: ([File]) async throws -> Void) async throws {
        let top = try await storage.attributes(of: prefix)
        var waiting = [Directory(key: prefix, ancestors: [top?.version].compactMap(\.self))]
        while let directory = waiting.popLast() {
            try Task.checkCancellation()
            var rest = try await storage.list(directory.key)
                .compactMap { directory.key.appending(untrusted: $0.name) }[...]
            while !rest.isEmpty {
                let some = rest.prefix(Self.stepCount)
                rest = rest.dropFirst(some.count)
                let found = try await CollectionWalk(storage: storage).attributes(of: Array(some))
                var files: [File] = []
                for (key, attributes) in zip(some, found) {
                    guard let attributes else { continue }
                    switch attributes.kind {
                    case .object: files.append(File(key: key, attributes: attributes))
                    case .directory:
                        // A symbolic link may point to a directory that it is in.
                        guard !directory.ancestors.contains(attributes.version) || !storage.traits.prefixesHaveVersions,
                            key.description.utf8.count <= Self.keyLimit
                        else { continue }
                        let ancestors = directory.ancestors + [attributes.version]
                        waiting.append(Directory(key: key, ancestors: ancestors))
                    case .other: break
                    }
                }
                if !files.isEmpty { try await body(files) }
            }
        }
    }
}
