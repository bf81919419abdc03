import ImageModel

/// What a migration does next: large layers first, small ones beside them, and each tag as soon as its layers are done.
///
/// Large layers keep the processors busy; small ones and tags mostly wait for the disk, which costs nothing beside them.
struct WorkSchedule: Sendable {
    /// Something that is done at once.
    enum Item: Sendable, Hashable {
        case layer(V1ImageID)
        case tag(SurveyedTag)
    }

    /// What a worker is there for.
    enum Lane: Sendable, Hashable {
        /// For layers, the largest first.
        case large
        /// For tags and small layers, the smallest first.
        case small
    }

    /// What is small: less than a layer is read in at once.
    static let smallByteCount: Int64 = 1 << 20

    /// The layers that are left, the largest first.
    private var layers: ArraySlice<V1ImageID>
    private var readyTags: ArraySlice<SurveyedTag>
    private let byteCounts: [V1ImageID: Int64]
    private let tags: [SurveyedTag]
    /// By the index of the tag, how many of its layers are not done.
    private var missingCounts: [Int]
    /// The indices of the tags that wait for a layer.
    private var waiting: [V1ImageID: [Int]] = [:]

    /// - Parameters:
    ///   - layers: What is to be read, the largest first.
    ///   - images: All images that the tags need.
    init(layers: [V1ImageID], tags: [SurveyedTag], images: [V1ImageID: SurveyedImage]) {
        self.layers = layers[...]
        self.tags = tags
        self.byteCounts = images.mapValues(\.byteCount)
        let unread = Set(layers)
        var ready: [SurveyedTag] = []
        var missingCounts: [Int] = []
        for (index, tag) in tags.enumerated() {
            var missingCount = 0
            for id in sequence(first: tag.image, next: { images[$0]?.parent }) where unread.contains(id) {
                waiting[id, default: []].append(index)
                missingCount += 1
            }
            missingCounts.append(missingCount)
            if missingCount == 0 { ready.append(tag) }
        }
        self.missingCounts = missingCounts
        self.readyTags = ready[...]
    }

    /// What a worker of a lane is to do now; nil when there is nothing for it.
    mutating func next(_ lane: Lane) -> Item? {
        switch lane {
        case .large: return layers.popFirst().map(Item.layer) ?? readyTags.popFirst().map(Item.tag)
        case .small:
            if let tag = readyTags.popFirst() { return .tag(tag) }
            guard let last = layers.last, byteCounts[last] ?? 0 < Self.smallByteCount else { return nil }
            return layers.popLast().map(Item.layer)
        }
    }

    /// Takes note that a layer is done, well or not, so that tags may be ready now.
    mutating func didFinish(_ layer: V1ImageID) {
        for index in waiting.removeValue(forKey: layer) ?? [] {
            missingCounts[index] -= 1
            if missingCounts[index] == 0 { readyTags.append(tags[index]) }
        }
    }
}
