import ImageModel

/// Schedules a migration's work: large layers first, small ones alongside, and each tag as soon as its layers are done.
///
/// Large layers keep the processors busy; small ones and tags mostly wait for the disk and hardly slow them down.
struct WorkSchedule: Sendable {
    /// A unit of work.
    enum Item: Sendable, Hashable {
        case layer(V1ImageID)
        case tag(SurveyedTag)
    }

    /// The kind of work a worker does.
    enum Lane: Sendable, Hashable {
        /// Layers, largest first.
        case large
        /// Tags and small layers, smallest first.
        case small
    }

    /// Layers below this size are small: they are read in a single piece.
    static let smallByteCount: Int64 = 1 << 20

    /// The remaining layers, largest first.
    private var layers: ArraySlice<V1ImageID>
    private var readyTags: ArraySlice<SurveyedTag>
    private let byteCounts: [V1ImageID: Int64]
    private let tags: [SurveyedTag]
    /// For each tag, the number of its unfinished layers.
    private var missingCounts: [Int]
    /// The indices of the tags that wait for a layer.
    private var waiting: [V1ImageID: [Int]] = [:]

    /// - Parameters:
    ///   - layers: The layers to read, largest first.
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

    /// The next item for a worker of `lane`; nil when there is none.
    mutating func next(_ lane: Lane) -> Item? {
        switch lane {
        case .large: return layers.popFirst().map(Item.layer) ?? readyTags.popFirst().map(Item.tag)
        case .small:
            if let tag = readyTags.popFirst() { return .tag(tag) }
            guard let last = layers.last, byteCounts[last] ?? 0 < Self.smallByteCount else { return nil }
            return layers.popLast().map(Item.layer)
        }
    }

    /// Records that a layer is finished, successfully or not, which may make tags ready.
    mutating func didFinish(_ layer: V1ImageID) {
        for index in waiting.removeValue(forKey: layer) ?? [] {
            missingCounts[index] -= 1
            if missingCounts[index] == 0 { readyTags.append(tags[index]) }
        }
    }
}
