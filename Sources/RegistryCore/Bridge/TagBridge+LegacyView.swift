import ImageModel
import Storage

/// Tags as v1 clients see them.
extension TagBridge {
    /// The tags of a repository and their targets, ordered by name; damaged tags are left out.
    ///
    /// - Throws: ``RegistryError/repositoryUnknown(_:)`` if there is no such repository.
    package func tags(in v1Name: V1RepositoryName) async throws(RegistryError) -> [(tag: String, image: String)] {
        try await RegistryError.translating {
            let v1Tags = Set(try await tree.tagNames(in: v1Name))
            let names = try await tagNames(in: v1Name, andOf: v1Tags)
            try await requireRepository(v1Name, tags: names)
            let known = try await shown.values(for: v1Tags.map { ShownTag(tag: $0, name: v1Name) })
            let images = try await names.mapInParallel { text -> String? in
                if let known = known[ShownTag(tag: text, name: v1Name)] { return known }
                return try await damage.unlessDamaged(text, in: v1Name.description) {
                    v1Tags.contains(text)
                        ? try await shownImage(of: text, in: v1Name) : try await projectedImage(of: text, in: v1Name)
                }
            }
            return zip(names, images).compactMap { name, image in image.map { (name, $0) } }
        }
    }

    /// The target of a v2-only tag.
    private func projectedImage(of text: String, in v1Name: V1RepositoryName) async throws -> String? {
        guard let (tag, name) = v2Names(text, in: v1Name), let digest = try await links.read(tag, in: name)
        else { return nil }
        return try await projections.id(of: digest, in: name)?.description
    }

    /// The target of a tag: an image id, or any other content of its file. Nil if there is no such tag.
    package func image(of text: String, in v1Name: V1RepositoryName) async throws(RegistryError) -> String? {
        try await RegistryError.translating { try await shownImage(of: text, in: v1Name) }
    }

    private func shownImage(of text: String, in v1Name: V1RepositoryName) async throws -> String? {
        guard let (tag, name) = v2Names(text, in: v1Name) else {
            return try await tree.tag(text, in: v1Name)?.text
        }
        let key = ShownTag(tag: text, name: v1Name)
        if let known = try await shown.value(for: key) { return known }
        let files = [V2Layout.currentLink(tag, in: name), OwnLayout.tagRecord(tag, in: name)]
        let sources = try await recent.observe(files + [V1Layout.tag(text, in: v1Name)].compactMap(\.self))
        let file = try await tree.tag(text, in: v1Name)
        if file?.image == nil, try await links.read(tag, in: name) == nil { return file?.text }
        switch try await joiner.v1Side(tag, in: name) {
        case .absent: return file?.text
        case .stored:
            if let text = file?.text { shown.keep(text, for: key, madeFrom: sources, cost: 1024) }
            return file?.text
        case .projected(let digest): return try await projections.id(of: digest, in: name)?.description
        }
    }

    /// The images that v2 tags point to, for a repository without an image list because nothing was pushed through v1.
    package func taggedImages(in v1Name: V1RepositoryName) async throws(RegistryError) -> [String] {
        try await RegistryError.translating {
            guard let name = try? v1Name.v2Name else { return [] }
            let images = try await links.list(in: name).mapInParallel { tag -> V1ImageID? in
                try await damage.unlessDamaged(tag.description, in: name.description) {
                    guard case .projected(let digest) = try await joiner.v1Side(tag, in: name) else { return nil }
                    return try await projections.id(of: digest, in: name)
                }
            }
            var seen: Set<V1ImageID> = []
            return images.compactMap(\.self).filter { seen.insert($0).inserted }.map(\.description)
        }
    }

    /// Requires that a repository exists: that it has a tag, or v1 metadata.
    func requireRepository(_ v1Name: V1RepositoryName, tags: [String]) async throws {
        if !tags.isEmpty { return }
        guard try await tree.contains(v1Name) else {
            throw RegistryError.repositoryUnknown(v1Name.description)
        }
    }

    /// The names of the tags of both protocols, in bytewise order.
    func tagNames(in v1Name: V1RepositoryName) async throws -> [String] {
        try await tagNames(in: v1Name, andOf: Set(try await tree.tagNames(in: v1Name)))
    }

    /// The names of the tags of both protocols, in bytewise order.
    func tagNames(in repository: EventRepository) async throws -> [String] {
        if let v1Name = repository.v1 { return try await tagNames(in: v1Name) }
        guard let name = repository.v2 else { return [] }
        return try await links.list(in: name).map(\.description)
    }

    private func tagNames(in v1Name: V1RepositoryName, andOf v1Tags: Set<String>) async throws -> [String] {
        var names = v1Tags
        if let name = try? v1Name.v2Name {
            for tag in try await links.list(in: name) { names.insert(tag.description) }
        }
        return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    /// The v2 names of a tag and its repository; nil if one of them is not valid in v2.
    func v2Names(_ text: String, in v1Name: V1RepositoryName) -> (Tag, RepositoryName)? {
        guard let tag = try? Tag(parsing: text), let name = try? v1Name.v2Name else { return nil }
        return (tag, name)
    }
}
