import Conversion
import ImageModel
import RegistryCore
package import Storage

/// Converts v1 images to v2: plans, imports every layer once, then every tag, then reads back what was written.
///
/// The source is never written to unless it is also the destination. Finished work is kept: an interrupted run leaves
/// only whole blobs and whole tags, and the next run continues from there.
package struct Migrator: Sendable {
    private let source: any MigrationSource
    private let destination: any MigrationDestination
    private let journal: MigrationJournal
    private let options: MigrationOptions
    private let policy: LayerImportPolicy
    private let layers: LayerWork
    private let work: ParallelWork
    /// The progress of the run.
    package let progress = MigrationProgress()

    /// - Parameters:
    ///   - isInPlace: Whether source and destination are the same, locked directory.
    ///   - journal: The work of earlier runs between the same source and destination.
    package init(
        from source: any MigrationSource,
        to destination: any MigrationDestination,
        isInPlace: Bool,
        journal: MigrationJournal,
        options: MigrationOptions
    ) {
        self.source = source
        self.destination = destination
        self.journal = journal
        self.options = options
        var policy = LayerImportPolicy(
            isSourceIdle: options.isSourceIdle || isInPlace || source.keepsImages,
            acceptsStaleInProgress: true
        )
        policy.areLayersAttested = source.areLayersAttested
        // No server will use the source tree when it is elsewhere, and the journal has the same information.
        policy.keepsRecords = isInPlace
        self.policy = policy
        self.layers = LayerWork(
            source: source,
            destination: destination,
            journal: journal,
            policy: policy,
            rate: options.byteRateLimit.map(RateLimit.init),
            progress: progress
        )
        self.work = ParallelWork(jobs: options.jobs)
    }

    /// Surveys what there is to convert.
    package func survey() async throws -> TreeSurvey {
        let importer = LayerImporter(from: source.tree, into: destination.workspace, policy: policy)
        let images = ImageSurvey(source, destination, journal.earlier, importer)
        return try await TreeSurvey(of: source, options, journal.earlier, images)
    }

    /// Plans the conversion. Whether layers can be linked is found by linking one, unless this is a dry run.
    ///
    /// - Parameter presumed: Why no layer can be linked, if that is known beforehand.
    package func plan(_ survey: TreeSurvey, presuming presumed: CopyReason? = nil) async throws -> MigrationPlan {
        let candidates = survey.images.filter { !$0.value.isKnown && !$0.value.isInProgress }
        var obstacle = presumed
        if obstacle == nil, let smallest = candidates.min(by: { $0.value.byteCount < $1.value.byteCount }),
            !source.isRemote
        {
            let file = try await source.layer(of: smallest.key, byteCount: smallest.value.byteCount) { _ in }
            obstacle = try await destination.linkObstacle(of: file.source)
        }
        return MigrationPlan(
            survey,
            destination.transfer,
            policy: policy,
            isRemote: source.isRemote,
            obstacle: obstacle,
            now: WallClock.now
        )
    }

    /// Runs the conversion. A run that is cancelled or cannot continue ends soon, and returns the finished work.
    ///
    /// - Parameter expectedSeconds: The expected duration; nil when unknown.
    package func run(
        _ survey: TreeSurvey,
        _ plan: MigrationPlan,
        expectedSeconds: Double? = nil
    ) async throws -> MigrationResult {
        progress.begin(
            plan,
            tagCount: survey.tags.count,
            checks: expectedChecks(survey, plan),
            expectedSeconds: expectedSeconds
        )
        var result = MigrationResult(survey, plan, isFirstRun: journal.earlier.isEmpty)
        do {
            if options.failsFast, !survey.failures.isEmpty { throw FirstFailure() }
            try await noteKnownLayers(&result)
            let schedule = WorkSchedule(layers: plan.layers, tags: survey.tags, images: survey.images)
            try await work(schedule, into: &result)
            try await ReadBack(
                destination: destination,
                journal: journal,
                format: options.format,
                verification: options.verification,
                work: work,
                progress: progress
            ).run(&result)
        } catch is FirstFailure {
            result.interruption = .firstFailure
        } catch  where Task.isCancelled {
            result.interruption = .stopped
        } catch {
            result.interruption = .broken(reason: "\(error)")
        }
        result.samples = progress.samples
        try await journal.close()
        return result
    }

    /// The expected amount to read back, as far as the plan shows it.
    private func expectedChecks(_ survey: TreeSurvey, _ plan: MigrationPlan) -> LearnedCosts.Amount {
        var amount = LearnedCosts.Amount()
        switch options.verification {
        case .none: return amount
        case .full: amount.checkByteCount = survey.images.values.map(\.byteCount).clampedSum
        case .auto: amount.checkByteCount = plan.byteCountToCopy.clampedAdding(plan.toSend.byteCount)
        }
        amount.checkCount = survey.tags.count { tag in
            let entry = journal.earlier.tag(tag.tag.description, in: tag.v1Name.description)
            return options.verification == .full || entry?.isVerified != true
        }
        return amount
    }

    /// Records layers that were imported by a server or by a run with another journal.
    private func noteKnownLayers(_ result: inout MigrationResult) async throws {
        for (id, image) in result.survey.images where !image.isJournaled {
            guard let record = image.record else { continue }
            let notices = try await layers.notices(of: id, image, record)
            result.add(notices, of: id)
            try await layers.note(id, image, LayerImport(record: record, placement: .known, notices: notices))
        }
    }

    private func work(_ schedule: WorkSchedule, into result: inout MigrationResult) async throws {
        var schedule = schedule
        let tagWork = TagWork(source: source, destination: destination, journal: journal, format: options.format)
        var idle: [WorkSchedule.Lane] = (0..<options.jobs).flatMap { _ in [.small, .large] }
        try await withThrowingTaskGroup(of: FinishedWork.self) { group in
            while true {
                try Task.checkCancellation()
                idle.removeAll { lane in
                    guard let item = schedule.next(lane) else { return false }
                    switch item {
                    case .layer(let id):
                        let image = result.survey.images[id]
                        group.addTask { .layer(id, try await outcome(of: id, image), lane) }
                    case .tag(let tag):
                        let chain = result.chain(of: tag)
                        group.addTask {
                            .tag(tag, try await progress.doingTag { try await outcome(of: tag, chain, tagWork) }, lane)
                        }
                    }
                    return true
                }
                guard let done = try await group.next() else { return }
                idle.append(done.lane)
                if case .layer(let id, _, _) = done { schedule.didFinish(id) }
                let isFailure = result.add(done, isRemote: source.isRemote)
                if options.failsFast, isFailure { throw FirstFailure() }
            }
        }
    }

    /// Converts a tag. Imports a layer again if the destination has lost it since it was stored.
    private func outcome(
        of tag: SurveyedTag,
        _ chain: LayerChain,
        _ tagWork: TagWork
    ) async throws -> Result<ConvertedTag, any Error> {
        try await work.outcome {
            var lost: Set<Digest> = []
            while true {
                do { return try await tagWork.run(tag, chain) } catch let missing as MissingBlob {
                    let image = chain.images.first { $0.record?.descriptor?.digest == missing.digest }
                    guard let image, let surveyed = image.surveyed, lost.insert(missing.digest).inserted else {
                        throw missing
                    }
                    _ = try await layers.run(image.id, surveyed)
                }
            }
        }
    }

    private func outcome(of id: V1ImageID, _ image: SurveyedImage?) async throws -> Result<LayerImport, any Error> {
        try await work.outcome {
            guard let image else { throw DamagedImage(id, .missing) }
            return try await layers.run(id, image)
        }
    }
}

/// A tag could not be converted in a run with `--fail-fast`.
private struct FirstFailure: Error {}
