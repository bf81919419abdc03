import ImageModel
import Storage

extension TagLinks {
    /// Every repository that has a tag, in no order.
    func repositories() async throws -> [RepositoryName] {
        var names: [RepositoryName] = []
        try await collect(below: V2Layout.repositories, path: "", into: &names)
        return names
    }

    private func collect(below prefix: ObjectKey, path: String, into names: inout [RepositoryName]) async throws {
        for entry in try await storage.list(prefix) where entry.isDirectory {
            let key = prefix.appending(entry.name)
            if entry.name == "_manifests" {
                guard let name = try? RepositoryName(parsing: path), try await isTagged(name) else { continue }
                names.append(name)
            } else if !entry.name.hasPrefix(V2Layout.reservedPrefix) {
                try await collect(below: key, path: path.isEmpty ? entry.name : "\(path)/\(entry.name)", into: &names)
            }
        }
    }

    /// Whether the repository has a tag at all.
    func isTagged(_ name: RepositoryName) async throws -> Bool {
        for entry in try await storage.list(V2Layout.tags(of: name)) where entry.isDirectory {
            guard let tag = try? Tag(parsing: entry.name) else { continue }
            if try await storage.attributes(of: V2Layout.currentLink(tag, in: name)) != nil { return true }
        }
        return false
    }

    /// Takes a tag away with its history, and answers whether it was there.
    func remove(_ tag: Tag, in name: RepositoryName) async throws -> Bool {
        guard try await storage.attributes(of: V2Layout.tag(tag, in: name)) != nil else { return false }
        let wasThere = try await storage.attributes(of: V2Layout.currentLink(tag, in: name)) != nil
        try await storage.removeAll(below: V2Layout.tag(tag, in: name))
        return wasThere
    }
}
