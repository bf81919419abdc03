package import ImageModel
import NIOCore
import RegistryCore
import Storage

/// A survey of the content to convert in a v1 tree, made before anything is written.
///
/// Reads no layers and keeps no JSON: it takes a few words of memory per image.
package struct TreeSurvey: Sendable {
    /// The number of repositories.
    package private(set) var repositoryCount = 0
    /// The tags that can be converted, in order of name.
    package private(set) var tags: [SurveyedTag] = []
    /// The tags that cannot be converted, and why.
    package private(set) var failures: [FailedTag] = []
    /// The number of tags outside the selection.
    package private(set) var leftOutTagCount = 0
    /// Harmless irregularities.
    package private(set) var notices: [SourceNotice] = []
    /// The images that the convertible tags need.
    package private(set) var images: [V1ImageID: SurveyedImage] = [:]

    /// A warning for each pattern of the options that matched nothing.
    package private(set) var unusedPatterns: [String] = []
    private var patterns: PatternUse

    /// How many repositories a source is asked to prefetch at once.
    private static let aheadCount = 64

    /// Reads the names, tags and JSON of a tree.
    init(
        of source: any MigrationSource,
        _ options: MigrationOptions,
        _ journal: MigrationJournal.Content,
        _ survey: ImageSurvey
    ) async throws {
        patterns = PatternUse(options)
        var survey = survey
        var owners: [String: SurveyedTag] = [:]
        let listing = try await RepositoryListing(of: source.tree)
        for (index, v1Name) in listing.names.enumerated() {
            if index.isMultiple(of: Self.aheadCount) {
                let next = Array(listing.names[index...].prefix(Self.aheadCount))
                try await source.lookAhead(at: next) { tag, repository in
                    options.selection.since == nil && options.selection.takes(tag, in: repository.description)
                } isKnown: {
                    journal.images[$0.description]?.record != nil
                }
            }
            repositoryCount += 1
            do {
                try await look(at: v1Name, source, options, journal, &survey, &owners)
            } catch  where !error.isOfOneImage {
                throw error
            } catch {
                fail(FailedTag(v1Name.description, reason: "\(error)"), options)
            }
        }
        for failure in await source.failures + listing.failures { fail(failure, options) }
        for (id, image) in images.sorted(by: { $0.key < $1.key }) {
            notices += image.notices.map { SourceNotice(subject: "image \(id)", text: $0) }
        }
        notices += await source.notices
        leftOutTagCount += source.leftOutTagCount
        unusedPatterns = patterns.warnings
        if options.selection.isEverything, source.isLegacyTree { try await surveyOddities(source.tree, survey) }
    }

    private mutating func look(
        at v1Name: V1RepositoryName,
        _ source: any MigrationSource,
        _ options: MigrationOptions,
        _ journal: MigrationJournal.Content,
        _ survey: inout ImageSurvey,
        _ owners: inout [String: SurveyedTag]
    ) async throws {
        let tree = source.tree
        let listing = try await TagListing(of: v1Name, in: tree)
        for failure in listing.failures { fail(failure, options) }
        var taken: [String] = []
        for tagName in listing.tags {
            patterns.see(tagName, in: v1Name.description)
            guard options.selection.takes(tagName, in: v1Name.description) else {
                leftOutTagCount += 1
                continue
            }
            do {
                guard try await Self.takes(tagName, in: v1Name, tree, options.selection) else {
                    leftOutTagCount += 1
                    continue
                }
                taken.append(tagName)
                let tag = try await convertibleTag(tagName, in: v1Name, source, options, journal)
                let chain = try await survey.chain(of: tag.image)
                let target = "\(tag.name):\(tag.tag)"
                if let owner = owners[target], owner.image != tag.image || owner.manifest != tag.manifest {
                    throw TakenName(target: target, owner: "\(owner.v1Name):\(owner.tag)")
                }
                owners[target] = tag
                for id in chain where images[id] == nil {
                    images[id] = survey.image(in: id)
                    images[id]?.firstRepository = tag.name
                }
                tags.append(tag)
            } catch  where !error.isOfOneImage {
                throw error
            } catch {
                failures.append(FailedTag(v1Name, tagName, error))
            }
        }
        if !taken.isEmpty { patterns.see(taken: v1Name) }
        // Only docker-registry's own directory shows these files.
        guard source.isLegacyTree, isAskedFor(v1Name, listing, taken, options.selection) else { return }
        notices += RepositoryOddities.notices(
            repository: v1Name,
            entries: listing.entries,
            tags: listing.tags,
            taken: taken,
            isIndexAList: try await isIndexAList(v1Name, tree)
        )
    }

    /// Whether to report a repository's irregularities: some of its tags are selected, or it has no tags to skip.
    private func isAskedFor(
        _ name: V1RepositoryName,
        _ listing: TagListing,
        _ taken: [String],
        _ selection: TagSelection
    ) -> Bool {
        guard taken.isEmpty, !selection.isEverything else { return true }
        return listing.tags.isEmpty && !selection.leavesOut(FailedTag(name.description, reason: ""))
    }

    /// Records a failure, unless its repository or tag is outside the selection.
    private mutating func fail(_ failure: FailedTag, _ options: MigrationOptions) {
        if failure.tag.isEmpty {
            patterns.see(unreadable: failure.repository)
        } else {
            patterns.see(failure.tag, in: failure.repository)
        }
        if options.selection.leavesOut(failure) { leftOutTagCount += 1 } else { failures.append(failure) }
    }

    private mutating func isIndexAList(_ v1Name: V1RepositoryName, _ tree: V1Tree) async throws -> Bool? {
        do {
            return try await tree.isIndexAList(v1Name)
        } catch let failure as StorageError {
            notices.append(SourceNotice(subject: "repository \(v1Name)", text: "\(failure); it is not needed"))
            return nil
        }
    }

    /// Whether a tag is recent enough, by the time of its file, or by its push record where files have no times.
    private static func takes(
        _ tagName: String,
        in v1Name: V1RepositoryName,
        _ tree: V1Tree,
        _ selection: TagSelection
    ) async throws -> Bool {
        guard selection.since != nil, let key = V1Layout.tag(tagName, in: v1Name) else { return true }
        guard let modified = try await tree.storage.attributes(of: key)?.modified else { throw UnreadableTag.gone }
        if modified > 0 { return selection.takes(modified: modified) }
        let record = try await tree.pushRecord(of: tagName, in: v1Name)
        let seconds = record.flatMap { try? JSONValue(parsing: Array(buffer: $0)) }?["last_update"]?.integer
        return selection.takes(modified: (seconds ?? 0) * 1_000_000_000)
    }

    private func convertibleTag(
        _ tagName: String,
        in v1Name: V1RepositoryName,
        _ source: any MigrationSource,
        _ options: MigrationOptions,
        _ journal: MigrationJournal.Content
    ) async throws -> SurveyedTag {
        let tree = source.tree
        let name = try source.name(of: v1Name, by: options.naming)
        let tag = try Tag(parsing: tagName)
        let manifest = try source.manifest(of: tagName, in: v1Name)
        guard let key = V1Layout.tag(tagName, in: v1Name),
            let attributes = try await tree.storage.attributes(of: key)
        else { throw UnreadableTag.gone }
        let stamp = FileStamp(attributes)
        let image: V1ImageID
        // The stamp of a file without a time does not show changes.
        if let entry = journal.tag(tagName, in: v1Name.description), entry.stamp == stamp, stamp.modified > 0,
            let known = entry.imageIdentifier
        {
            image = known
        } else {
            guard let file = try await tree.tag(tagName, in: v1Name) else { throw UnreadableTag.gone }
            guard let named = file.image else { throw UnreadableTag(content: file.content) }
            image = named
        }
        return SurveyedTag(v1Name: v1Name, name: name, tag: tag, image: image, manifest: manifest, stamp: stamp)
    }

    private mutating func surveyOddities(_ tree: V1Tree, _ survey: ImageSurvey) async throws {
        for entry in try await tree.storage.list(V1Layout.repositories) {
            let subject = "repositories/\(entry.name)"
            if !entry.isDirectory {
                notices.append(SourceNotice(subject: subject, text: "a file where a namespace is expected; ignored"))
            } else if try await Self.isEmpty(V1Layout.repositories.appending(entry.name), tree.storage) {
                notices.append(SourceNotice(subject: subject, text: "a namespace without repositories"))
            }
        }
        var untagged = 0
        for entry in try await tree.storage.list(V1Layout.images) where entry.isDirectory {
            guard let id = try? V1ImageID(parsing: entry.name), !survey.contains(id) else { continue }
            if try await Self.isEmpty(V1Layout.image(id), tree.storage) {
                notices.append(
                    SourceNotice(subject: "image \(id)", text: "its directory is empty, and no tag needs it")
                )
            } else {
                untagged += 1
            }
        }
        if untagged > 0 {
            notices.append(SourceNotice(subject: "images", text: "\(untagged) images that no tag needs are skipped"))
        }
    }
    /// Whether a directory is empty; false if it cannot be listed.
    private static func isEmpty(_ key: ObjectKey, _ storage: any ObjectStorage) async throws -> Bool {
        do {
            return try await storage.list(key, after: nil, limit: 1).isEmpty
        } catch  where error.isOfOneImage {
            return false
        }
    }
}
