package import ImageModel
import RegistryCore
import Storage

/// What a migration did.
package struct MigrationResult: Sendable {
    /// Why a run ended before all was done.
    package enum Interruption: Sendable, Equatable {
        /// It was asked to stop.
        case stopped
        /// A tag could not be converted, and the first such was to end the run.
        case firstFailure
        /// Something failed that concerns more than one image: the source went down, the destination is full.
        case broken(reason: String)
    }

    /// What was surveyed.
    package let survey: TreeSurvey
    /// What was planned.
    package let plan: MigrationPlan
    /// The tags that v2 has now.
    package private(set) var tags: [ConvertedTag] = []
    /// The tags that it has not, and why: what the survey found, and what reading the layers did.
    package private(set) var failures: [FailedTag]
    /// What is out of order in the source and did no harm.
    package private(set) var notices: [SourceNotice]
    /// The images that have a fault, by id.
    package private(set) var damages: [V1ImageID: any Error] = [:]
    /// The bytes that were linked, and those that were copied, recompressed or sent, into blobs that were not there before.
    package private(set) var linkedByteCount: Int64 = 0
    package private(set) var copiedByteCount: Int64 = 0
    /// The bytes of layers that were read and found to be blobs already.
    package private(set) var sharedByteCount: Int64 = 0
    /// The bytes that were read and hashed.
    package private(set) var readByteCount: Int64 = 0
    /// The bytes that were read back from the destination.
    package var verifiedByteCount: Int64 = 0
    /// Why the run ended before all was done; nil when it did not.
    package var interruption: Interruption?
    /// How the reading went on.
    package var samples: [MigrationProgress.Sample] = []
    /// Whether a tag was taken back.
    private var hasRetracted = false
    /// What is known of every layer that is a blob now.
    private(set) var records: [V1ImageID: LayerRecord] = [:]

    /// Whether no earlier run between the same two is known of.
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

    /// Whether every tag that was asked for is in v2 now.
    package var isComplete: Bool { failures.isEmpty && interruption == nil }

    /// How many tags were neither converted nor found to be inconvertible, because the run ended before.
    package var remainingTagCount: Int {
        max(0, survey.tags.count - tags.count - (failures.count - survey.failures.count))
    }

    /// Whether an earlier run has told all that there is to warn of, and nothing has changed since.
    package var isRepetition: Bool { !isFirstRun && changedNothing && interruption == nil }

    /// Whether there was nothing to do.
    ///
    /// Layers that are damaged are read again by a run without a journal, which changes nothing.
    package var changedNothing: Bool {
        !hasRetracted && !tags.contains { $0.outcome == .converted } && readByteCount == 0
    }

    /// Adds what came of a layer or a tag, and returns whether that was a failure.
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

    /// What is known by now of the chain that a tag needs.
    func chain(of tag: SurveyedTag) -> LayerChain {
        var chain = LayerChain()
        for id in sequence(first: tag.image, next: { survey.images[$0]?.parent }) {
            chain.images.append((id, survey.images[id], records[id]))
            if chain.damage == nil { chain.damage = damages[id] }
        }
        return chain
    }

    /// How large the blobs are that are known by now.
    var blobByteCounts: [Digest: Int64] {
        let blobs = records.values.compactMap(\.descriptor)
        return Dictionary(blobs.map { ($0.digest, $0.size) }) { first, _ in first }
    }

    /// - Parameter isRemote: Whether the layer was fetched or sent: a link is then no link of the source's file.
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

    /// Takes a tag back whose image turned out not to be what was written.
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
