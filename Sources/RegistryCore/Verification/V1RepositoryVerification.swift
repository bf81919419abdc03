import ImageModel
import NIOCore
import Storage

/// Verifies the tags and image lists of v1 repositories.
struct V1RepositoryVerification: Sendable {
    let context: VerificationContext

    /// The number of tags verified, and the images they point to.
    func run(_ table: ImageTable) async throws -> (tagCount: Int, tagged: Set<V1ImageID>) {
        var tagCount = 0
        var tagged: Set<V1ImageID> = []
        for name in try await context.tree.repositories(damage: DamageLog(logger: nil)) {
            var targets: [V1ImageID] = []
            try await context.confirm {
                targets = []
                return try await check(name, table, &targets)
            }
            tagCount += targets.count
            tagged.formUnion(targets)
        }
        return (tagCount, tagged)
    }

    private func check(
        _ name: V1RepositoryName,
        _ table: ImageTable,
        _ targets: inout [V1ImageID]
    ) async throws -> [DamageFinding] {
        var found: [DamageFinding] = []
        if let key = V1Layout.indexImages(name) {
            try await context.documents([(key, key)]) { key, result in
                switch result {
                case .failure(let error): found.append(context.unreadable(key, error, as: .damagedList))
                case .success(nil): break
                case .success(let bytes?):
                    let list = try? JSONText(parsing: bytes.readableBytesView, depthLimit: JSONValue.depthLimit)
                    if list?.isArray != true { found.append(DamageFinding(.damagedList, key, "it is not a JSON list")) }
                }
            }
        }
        let keys = try await context.tree.tagNames(in: name).compactMap { V1Layout.tag($0, in: name) }
        try await context.walk.inSteps(keys) { some in
            try await context.documents(some.map { ($0, $0) }, limit: 4096) { key, result in
                switch result {
                case .failure(let error): found.append(context.unreadable(key, error, as: .damagedTag))
                case .success(nil): break
                case .success(let bytes?):
                    guard let id = V1Tag(content: Array(buffer: bytes), modified: 0).image else {
                        found.append(DamageFinding(.damagedTag, key, "it does not contain an image id"))
                        return
                    }
                    targets.append(id)
                    guard table.images[id] == nil, try await context.storage.attributes(of: V1Layout.json(id)) == nil
                    else { return }
                    found.append(DamageFinding(.danglingTag, key, "it points to image \(id), which is not in the tree"))
                }
            }
        }
        return found
    }
}
