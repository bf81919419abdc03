import Conversion
import ImageModel
import RegistryCore
package import Storage

/// Turns a v1 tree into v2 content: a plan first, then every layer once, then every tag.
///
/// Nothing is written to the source unless it is the destination too. What was done stays done: a run that is cut off
/// leaves whole blobs and whole tags, and the next one goes on from there.
package struct Migrator: Sendable {
    /// What the operator asks for.
    package struct Options: Sendable {
        /// How many layers are read at once.
        package var jobs: Int
        /// Whether the operator says that nothing else writes to the source.
        package var isSourceIdle: Bool

        package init(jobs: Int, isSourceIdle: Bool) {
            self.jobs = jobs
            self.isSourceIdle = isSourceIdle
        }
    }

    private let tree: V1Tree
    private let destination: any ObjectStorage
    private let options: Options
    private let policy: LayerImportPolicy
    private let importer: LayerImporter
    private let images: ImageImporter
    private let joiner: TagJoiner
    /// How far the migration is.
    package let progress = MigrationProgress()

    /// - Parameters:
    ///   - source: The storage that holds the v1 tree.
    ///   - destination: The storage that the blobs, manifests and tags go to; it may be the source.
    ///   - isInPlace: Whether the two are one directory, which is locked then.
    package init(from source: any ObjectStorage, to destination: any ObjectStorage, isInPlace: Bool, options: Options) {
        let progress = progress
        self.tree = V1Tree(storage: source)
        self.destination = destination
        self.options = options
        self.policy = LayerImportPolicy(
            isSourceIdle: options.isSourceIdle || isInPlace,
            acceptsStaleInProgress: true
        )
        self.importer = LayerImporter(from: tree, into: destination, policy: policy, onBytesRead: progress.didRead)
        self.images = ImageImporter(into: destination)
        self.joiner = TagJoiner(tree: tree, storage: destination)
    }

    /// Reads what there is to convert.
    package func survey() async throws -> TreeSurvey { try await TreeSurvey(of: tree, importer: importer) }

    /// Plans what to do about it. Whether layers can be linked is found out by linking one.
    package func plan(_ survey: TreeSurvey) async throws -> MigrationPlan {
        MigrationPlan(
            survey,
            policy: policy,
            obstacle: try await linkObstacle(survey),
            now: WallClock.now
        )
    }

    /// Does it.
    ///
    /// - Throws: `StorageError` when the destination cannot be written to: what was done by then stays.
    package func run(_ survey: TreeSurvey, _ plan: MigrationPlan) async throws -> MigrationResult {
        progress.begin(plan, tagCount: survey.tags.count)
        var result = MigrationResult(survey, plan)
        try await importLayers(plan.layers, into: &result)
        try await convertTags(survey.tags, into: &result)
        return result
    }

    private func linkObstacle(_ survey: TreeSurvey) async throws -> CopyReason? {
        let candidates = survey.images.filter { !$0.value.isKnown && !$0.value.isInProgress }
        guard let smallest = candidates.min(by: { $0.value.byteCount < $1.value.byteCount })?.key else { return nil }
        let trial = OwnLayout.staging.appending("link-trial")
        let outcome = try await destination.link(
            LinkSource(V1Layout.layer(smallest), in: tree.storage),
            to: trial,
            allowing: .hardLink
        )
        try await destination.remove(trial)
        switch outcome {
        // Only this one file has as many names as it can have.
        case .reflink(.tooManyLinks), .copy(.tooManyLinks): return nil
        case .reflink(let reason), .copy(let reason): return reason
        case .alreadyThere, .hardLink, .freshCopyLinked: return nil
        }
    }

    private func importLayers(_ layers: [V1ImageID], into result: inout MigrationResult) async throws {
        try await inParallel(layers) { id in
            do {
                return (id, Result<LayerImport, any Error>.success(try await importer.importLayer(of: tree.image(id))))
            } catch let failure as StorageError where !failure.isOfSource {
                throw failure
            } catch {
                return (id, .failure(error))
            }
        } each: { id, outcome in
            result.add(outcome, of: id)
            progress.didFinishLayer()
        }
    }

    private func convertTags(_ tags: [SurveyedTag], into result: inout MigrationResult) async throws {
        let damages = result.damages
        try await inParallel(tags) { tag in
            do {
                return (tag, Result<ConvertedTag, any Error>.success(try await convert(tag, damages)))
            } catch let failure as StorageError where !failure.isOfSource {
                throw failure
            } catch {
                return (tag, .failure(error))
            }
        } each: { tag, outcome in
            result.add(outcome, of: tag)
            progress.didFinishTag()
        }
    }

    private func convert(_ tag: SurveyedTag, _ damages: [V1ImageID: any Error]) async throws -> ConvertedTag {
        let chain = try await V1Chain(of: tag.image, in: tree)
        if let damage = chain.images.lazy.compactMap({ damages[$0.id] }).first { throw damage }
        if case .manifest(let manifest) = try await joiner.join(tag.tag, in: tag.name) {
            let record = try await joiner.record(of: tag.tag, in: tag.name)
            let imageID = try await images.imageID(of: manifest, in: tag.name)
            let outcome: ConvertedTag.Outcome =
                record?.image == tag.image && record?.manifest == manifest ? .unchanged : .kept
            return ConvertedTag(tag: tag, imageID: imageID, manifest: manifest, outcome: outcome)
        }
        var records: [V1ImageID: LayerRecord] = [:]
        for image in chain.images { records[image.id] = try await importer.importLayer(of: image).record }
        let converted = try images.convert(chain, records)
        try await images.store(converted, records.values, in: tag.name)
        let record = TagRecord(image: tag.image, manifest: converted.manifestDigest)
        try await joiner.write(record, tag: tag.tag, in: tag.name)
        return ConvertedTag(
            tag: tag,
            imageID: converted.configurationDigest,
            manifest: converted.manifestDigest,
            outcome: .converted
        )
    }

    /// Works on all items, so many at once as there are jobs, and hands each result to `each`, one after the other.
    private func inParallel<Item: Sendable, Value: Sendable>(
        _ items: [Item],
        _ work: @escaping @Sendable (Item) async throws -> (Item, Value),
        each: (Item, Value) -> Void
    ) async throws {
        try await withThrowingTaskGroup(of: (Item, Value).self) { group in
            var rest = items[...]
            for item in rest.prefix(options.jobs) { group.addTask { try await work(item) } }
            rest = rest.dropFirst(options.jobs)
            while let (item, value) = try await group.next() {
                each(item, value)
                if let next = rest.popFirst() { group.addTask { try await work(next) } }
            }
        }
    }
}

extension StorageError {
    /// Whether the source is to blame, so that other images may still be converted.
    fileprivate var isOfSource: Bool {
        switch self {
        case .absent, .unreadable, .tooLarge: true
        case .unwritable, .full, .readOnly, .unusableRoot, .locked: false
        }
    }
}
