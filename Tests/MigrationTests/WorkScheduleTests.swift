import ImageModel
import RegistryCore
import Storage
import SystemLibraries
import TestSupport
import Testing

@testable import Migration

@Suite struct WorkScheduleTests {
    /// Images of the given sizes, each based on the previous one, and a tag for each.
    private func chain(_ byteCounts: [Int64]) throws -> (images: [V1ImageID: SurveyedImage], tags: [SurveyedTag]) {
        var images: [V1ImageID: SurveyedImage] = [:]
        var tags: [SurveyedTag] = []
        var parent: V1ImageID?
        for (index, byteCount) in byteCounts.enumerated() {
            let id = try V1ImageID(parsing: Digest(.sha256, of: Array("\(index)".utf8)).hex)
            images[id] = SurveyedImage(
                parent: parent,
                stamps: ImageStamps(json: nil, layer: nil, ancestry: nil, checksum: nil, isInProgress: false),
                byteCount: byteCount,
                modified: 0,
                isInProgress: false,
                record: nil,
                isJournaled: false
            )
            let attributes = ObjectAttributes(kind: .object, byteCount: 64, modified: 0)
            tags.append(
                SurveyedTag(
                    v1Name: V1RepositoryName(namespace: "library", repository: "chain"),
                    name: try RepositoryName(parsing: "chain"),
                    tag: try ImageModel.Tag(parsing: "t\(index)"),
                    image: id,
                    manifest: nil,
                    stamp: FileStamp(attributes)
                )
            )
            parent = id
        }
        return (images, tags)
    }

    private func schedule(_ byteCounts: [Int64]) throws -> (WorkSchedule, [V1ImageID], [SurveyedTag]) {
        let (images, tags) = try chain(byteCounts)
        let layers = images.keys.sorted { (images[$0]?.byteCount ?? 0) > (images[$1]?.byteCount ?? 0) }
        return (WorkSchedule(layers: layers, tags: tags, images: images), layers, tags)
    }

    @Test("large layers come first, small ones from the other end, and large ones never on the small lane")
    func lanes() throws {
        var (schedule, layers, _) = try schedule([500, 9 << 20, 2 << 20, 1 << 20])
        #expect(schedule.next(.large) == .layer(layers[0]))
        #expect(schedule.next(.small) == .layer(layers[3]))
        #expect(schedule.next(.small) == nil)
        #expect(schedule.next(.large) == .layer(layers[1]))
        #expect(schedule.next(.large) == .layer(layers[2]))
        #expect(schedule.next(.large) == nil)
    }

    @Test("a tag is ready when all layers of its chain are done, and not before")
    func tags() throws {
        var (schedule, _, tags) = try schedule([10 << 20, 5 << 20, 100])
        schedule.didFinish(tags[2].image)
        schedule.didFinish(tags[0].image)
        #expect(schedule.next(.small) == .tag(tags[0]))
        #expect(schedule.next(.small) == .layer(tags[2].image))
        schedule.didFinish(tags[1].image)
        #expect(schedule.next(.small) == .tag(tags[1]))
        #expect(schedule.next(.small) == .tag(tags[2]))
    }

    @Test("everything is done once, in whatever order it ends", arguments: 0..<20)
    func all(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let byteCounts = (0..<40).map { _ in Int64.random(in: 0..<(4 << 20), using: &generator) }
        var (schedule, layers, tags) = try schedule(byteCounts)
        var running: [WorkSchedule.Item] = []
        var done: [WorkSchedule.Item] = []
        while true {
            let lane: WorkSchedule.Lane = Bool.random(using: &generator) ? .large : .small
            if let item = schedule.next(lane) { running.append(item) }
            guard let index = running.indices.randomElement(using: &generator) else {
                if let item = schedule.next(.large) { running.append(item) } else { break }
                continue
            }
            let item = running.remove(at: index)
            if case .layer(let id) = item { schedule.didFinish(id) }
            if case .tag(let tag) = item {
                for index in 0...(try #require(tags.firstIndex(of: tag))) {
                    #expect(done.contains(.layer(tags[index].image)))
                }
            }
            done.append(item)
        }
        #expect(done.count == layers.count + tags.count)
        #expect(Set(done).count == done.count)
    }
}
