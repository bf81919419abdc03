import ImageModel
import RegistryCore
import Storage
import Testing

@Suite("A process that dies while it sets a tag")
struct TagCrashTests {
    /// The operation on a tag.
    enum Operation: String, CaseIterable, CustomTestStringConvertible {
        case v1Again
        case v1Other
        case v2
        case removeByV1
        case removeByV2

        var testDescription: String { rawValue }
        var isRemoval: Bool { self == .removeByV1 || self == .removeByV2 }
    }

    /// The tag before the operation.
    enum Start: String, CaseIterable, CustomTestStringConvertible {
        case nothing
        case v1
        case v2
        case v2OverV1
        case v1OverV2

        var testDescription: String { rawValue }
    }

    private struct Names {
        let tag: ImageModel.Tag
        let name: RepositoryName
        let v1Name: V1RepositoryName
        let first: V1ImageID
        let second: V1ImageID

        init() throws {
            tag = try ImageModel.Tag(parsing: "latest")
            name = try RepositoryName(parsing: "a/b")
            v1Name = V1RepositoryName(namespace: "a", repository: "b")
            first = try V1ImageID(parsing: String(repeating: "1", count: 64))
            second = try V1ImageID(parsing: String(repeating: "2", count: 64))
        }
    }

    @Test(
        "leaves one tag, the old or the new, the same in both protocols, wherever it dies",
        arguments: Start.allCases,
        Operation.allCases
    )
    func dies(start: Start, operation: Operation) async throws {
        for isClockStopped in [false, true] {
            try await dies(start: start, operation: operation, isClockStopped: isClockStopped)
        }
    }

    private func dies(start: Start, operation: Operation, isClockStopped: Bool) async throws {
        let names = try Names()
        var writeCount = 0
        while true {
            let storage = DyingStorage(MemoryStorage(), after: .max, isClockStopped: isClockStopped)
            let pairs = try await prepare(start, names, storage)
            let dying = DyingStorage(storage, after: writeCount, isClockStopped: isClockStopped)
            do {
                try await perform(operation, names, openRegistry(dying))
            } catch let error where dying.isDead {
                // A dead process sends no response.
                _ = error
            }
            let isDone = !dying.isDead
            try await check(storage, names, pairs, mayBeGone: start == .nothing || operation.isRemoval)
            if isDone {
                let legacy = try await openRegistry(storage).bridge.image(of: "latest", in: names.v1Name)
                #expect(legacy == image(of: operation, names, pairs), "\(start), clock stopped: \(isClockStopped)")
                return
            }
            writeCount += 1
            try #require(writeCount < 200)
        }
    }

    /// The v1 image of the tag after an uninterrupted operation.
    private func image(of operation: Operation, _ names: Names, _ pairs: [String: Digest]) -> String? {
        switch operation {
        case .v1Again: names.first.description
        case .v1Other: names.second.description
        case .v2: pairs.keys.first { ![names.first, names.second].map(\.description).contains($0) }
        case .removeByV1, .removeByV2: nil
        }
    }

    /// Creates the images and the tag, and returns which v1 image belongs to which manifest.
    private func prepare(_ start: Start, _ names: Names, _ storage: any ObjectStorage) async throws -> [String: Digest]
    {
        let registry = openRegistry(storage)
        try await registry.push(names.first, zeroBlockCount: 3)
        try await registry.push(names.second, zeroBlockCount: 4)
        var pairs: [String: Digest] = [:]
        for image in [names.first, names.second] {
            let other = try ImageModel.Tag(parsing: "other")
            try await registry.bridge.set("other", to: image, by: ClientAgent(nil), in: names.v1Name)
            pairs[image.description] = try await registry.manifest(.tag(other), in: names.name).digest
        }
        let other = try ImageModel.Tag(parsing: "other")
        let modern = try await registry.push("modern", as: .tag(other), in: names.name)
        if let projected = try await registry.bridge.image(of: "other", in: names.v1Name) {
            pairs[projected] = modern
        }
        _ = try await registry.bridge.remove("other", in: names.v1Name)
        switch start {
        case .nothing: break
        case .v1: try await perform(.v1Again, names, registry)
        case .v2: try await perform(.v2, names, registry)
        case .v2OverV1:
            try await perform(.v1Again, names, registry)
            try await perform(.v2, names, registry)
        case .v1OverV2:
            try await perform(.v2, names, registry)
            try await perform(.v1Again, names, registry)
        }
        return pairs
    }

    private func perform(_ operation: Operation, _ names: Names, _ registry: Registry) async throws {
        switch operation {
        case .v1Again:
            try await registry.bridge.set("latest", to: names.first, by: ClientAgent(nil), in: names.v1Name)
        case .v1Other:
            try await registry.bridge.set("latest", to: names.second, by: ClientAgent(nil), in: names.v1Name)
        case .v2: _ = try await registry.push("modern", as: .tag(names.tag), in: names.name)
        case .removeByV1: _ = try await registry.bridge.remove("latest", in: names.v1Name)
        case .removeByV2: _ = try await registry.bridge.remove(names.tag, in: names.name)
        }
    }

    /// Checks that another process sees one image through both protocols; twice, since the first look may repair it.
    private func check(
        _ storage: any ObjectStorage,
        _ names: Names,
        _ pairs: [String: Digest],
        mayBeGone: Bool
    ) async throws {
        for order in [[true, false], [false, true]] {
            let registry = openRegistry(storage)
            var manifest: Digest?
            var image: String?
            for isModern in order {
                if isModern {
                    do {
                        manifest = try await registry.manifest(.tag(names.tag), in: names.name).digest
                    } catch {
                        guard case .manifestUnknown = error else { throw error }
                        manifest = nil
                    }
                } else {
                    image = try await registry.bridge.image(of: "latest", in: names.v1Name)
                }
            }
            #expect(manifest != nil || mayBeGone)
            #expect(image.flatMap { pairs[$0] } == manifest)
        }
    }
}
