package import ImageModel
import RegistryCore
import Storage

/// The result of a migration.
package struct MigrationResult: Sendable {
    /// Why a run ended early.
    package enum Interruption: Sendable, Equatable {
        /// It was cancelled.
        case stopped
        /// A tag could not be converted, and the run was to end at the first such tag.
        case firstFailure
        /// A failure that concerns more than one image: the source went down, the destination is full.
        case broken(reason: String)
    }

    /// The survey of the source.
    package let survey: TreeSurvey
    /// The plan of the run.
    package let plan: MigrationPlan
    /// The tags that exist in v2 now.
    package private(set) var tags: [ConvertedTag] = []
    /// The tags that could not be converted: those found by the survey, and those found by reading layers.
    package private(set) var failures: [FailedTag]
    /// Harmless irregularities of the source.
    package private(set) var notices: [SourceNotice]
    /// The faults of damaged images, by image.
    package private(set) var damages: [V1ImageID: any Error] = [:]
    /// The bytes linked into new blobs.
    package private(set) var linkedByteCount: Int64 = 0
    /// The bytes copied, recompressed or sent into new blobs.
    package private(set) var copiedByteCount: Int64 = 0
    /// The bytes of layers that were read and found to exist as blobs already.
    package private(set) var sharedByteCount: Int64 = 0
    /// The bytes read and hashed.
    package private(set) var readByteCount: Int64 = 0
    /// The bytes read back from the destination.
    package var verifiedByteCount: Int64 = 0
    /// Why the run ended early; nil when it did not.
    package var interruption: Interruption?
    /// The bytes read over time.
    package var samples: [MigrationProgress.Sample] = []
    /// Whether a tag was withdrawn.
    private var hasRetracted = false
    /// The records of all layers that are stored as blobs.
    private(set) var records: [V1ImageID: LayerRecord] = [:]

    /// Whether the journal knows of no earlier run.
    package let isFirstRun: Bool

    init(_ survey: TreeSurvey, _ plan: MigrationPlan, isFirstRun: Bool) {
        self.isFirstRun = isFirstRun
        self.survey = survey
        self.plan = plan
        self.failures = survey.failures
        self.notices = survey.notices
        self.records = survey.images.compactMapValues(\.record)
        for failure in survey.failures {
            if let image = failure.image { damages[image] = ImageDamage(image: image, reason: failure.reason) }
        }
    }

    /// Whether every selected tag exists in v2 now.
    package var isComplete: Bool { failures.isEmpty && interruption == nil }

    /// The number of tags that were not attempted because the run ended early.
    package var remainingTagCount: Int {
        max(0, survey.tags.count - tags.count - (failures.count - survey.failures.count))
    }

    /// Whether an earlier run has printed the same warnings, and nothing has changed since.
    package var isRepetition: Bool { !isFirstRun && changedNothing && interruption == nil }

    /// Whether there was nothing to do.
    ///
    /// A run without a journal reads damaged layers again; that changes nothing.
    package var changedNothing: Bool {
        !hasRetracted && !tags.contains { $0.outcome == .converted } && readByteCount == 0
    }

    /// Adds the result of a layer or a tag, and returns whether it failed.
    mutating func add(_ done: FinishedWork, isRemote: Bool) -> Bool {
        switch done {
        case .layer(let id, let outcome, _):
            add(outcome, of: id, isRemote: isRemote)
            if case .failure = outcome { return true }
        case .tag(let tag, let outcome, _):
            add(outcome, of: tag)
            if case .failure = outcome { return true }
        }
        return false
    }

    mutating func add(_ notices: [V1Notice], of id: V1ImageID) {
        self.notices += notices.map { SourceNotice(subject: "image \(id)", text: $0.description) }
    }

    /// The layers of a tag's chain, as far as they are known.
    func chain(of tag: SurveyedTag) -> LayerChain {
        var chain = LayerChain()
        for id in sequence(first: tag.image, next: { survey.images[$0]?.parent }) {
            chain.images.append((id, survey.images[id], records[id]))
            if chain.damage == nil { chain.damage = damages[id] }
        }
        return chain
    }

    /// The sizes of the known blobs.
    var blobByteCounts: [Digest: Int64] {
        let blobs = records.values.compactMap(\.descriptor)
        return Dictionary(blobs.map { ($0.digest, $0.size) }) { first, _ in first }
    }

    /// - Parameter isRemote: Whether the layer was fetched or sent: a link is then not to a file of the source.
    mutating func add(_ outcome: Result<LayerImport, any Error>, of id: V1ImageID, isRemote: Bool) {
        switch outcome {
        case .failure(let error): damages[id] = error
        case .success(let layer):
            let byteCount = layer.record.source.byteCount
            records[id] = layer.record
            if layer.placement != .known { readByteCount = readByteCount.clampedAdding(byteCount) }
            switch BlobPlacement(layer.placement, isRemote: isRemote) {
            case .known: break
            case .shared: sharedByteCount = sharedByteCount.clampedAdding(byteCount)
            case .linked: linkedByteCount = linkedByteCount.clampedAdding(byteCount)
            case .written: copiedByteCount = copiedByteCount.clampedAdding(layer.record.blobByteCount)
            }
            add(layer.notices, of: id)
        }
    }

    mutating func add(_ outcome: Result<ConvertedTag, any Error>, of tag: SurveyedTag) {
        switch outcome {
        case .success(let converted): tags.append(converted)
        case .failure(let error): fail(tag, error)
        }
    }

    /// Withdraws a tag whose image turned out to differ from what was written.
    mutating func retract(_ converted: ConvertedTag, because error: any Error) {
        tags.removeAll { $0.tag == converted.tag }
        hasRetracted = true
        fail(converted.tag, error)
    }

    private mutating func fail(_ tag: SurveyedTag, _ error: any Error) {
        let failure = FailedTag(tag.v1Name, tag.tag.description, error)
        failures.append(failure)
        if let image = failure.image, damages[image] == nil { damages[image] = error }
    }
}
