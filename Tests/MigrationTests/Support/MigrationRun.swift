import Migration
import RegistryCore
import Storage

/// A migration between two storages, as the program runs it.
struct MigrationRun {
    let source: any MigrationSource
    let destination: any MigrationDestination
    let isInPlace: Bool

    init(from source: any ObjectStorage, to destination: any FileStorage) {
        self.init(DirectorySource(source, identity: "source"), DirectoryDestination(destination))
    }

    /// A migration of a storage in place.
    init(of storage: any FileStorage) {
        self.init(DirectorySource(storage, identity: "source"), DirectoryDestination(storage), isInPlace: true)
    }

    init(_ source: any MigrationSource, _ destination: any MigrationDestination, isInPlace: Bool = false) {
        self.source = source
        self.destination = destination
        self.isInPlace = isInPlace
    }

    func callAsFunction(_ change: (inout MigrationOptions) -> Void = { _ in }) async throws -> MigrationResult {
        var options = MigrationOptions(jobs: 2, isSourceIdle: true)
        change(&options)
        let migrator = Migrator(
            from: source,
            to: destination,
            isInPlace: isInPlace,
            journal: try await MigrationJournal(in: destination.workspace, of: source.identity),
            options: options
        )
        let survey = try await migrator.survey()
        return try await migrator.run(survey, try await migrator.plan(survey))
    }
}

extension MigrationResult {
    /// The tags as `repository:tag`, sorted.
    var names: [String] { tags.map { "\($0.tag.name):\($0.tag.tag)" }.sorted() }
}
