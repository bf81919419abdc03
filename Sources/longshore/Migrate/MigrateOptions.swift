import ArgumentParser
import Conversion
import Foundation
import Migration

/// The options of `longshore migrate`.
struct MigrateOptions: ParsableArguments {
    @Flag(help: "Show what would be done, and what cannot be; write nothing.")
    var dryRun = false

    @Option(help: ArgumentHelp("Write the plan, every tag in it, as JSON.", valueName: "file"))
    var plan: String?

    @Flag(help: "Begin even when the disk of DESTINATION seems too small for what is to be copied.")
    var force = false

    @Flag(help: "Show the summary alone: no plan, no progress, no warnings.")
    var quiet = false

    @Flag(help: "Show every warning, not a line for each kind; with --dry-run, every tag too.")
    var verbose = false

    @Option(help: ArgumentHelp("Write a report of every tag and image, as JSON.", valueName: "file"))
    var report: String?

    @Option(help: ArgumentHelp("Write the report as a page for people.", valueName: "file"))
    var htmlReport: String?

    @Option(
        help: ArgumentHelp(
            "Take only tags that fit: a pattern over repository:tag or repository, with * and ?. May be repeated.",
            valueName: "pattern"
        )
    )
    var include: [String] = []

    @Option(help: ArgumentHelp("Leave out tags that fit. May be repeated.", valueName: "pattern"))
    var exclude: [String] = []

    @Option(
        help: ArgumentHelp(
            "Leave out tags set before a day or moment: 2015-04-01, 2015-04-01T12:00:00Z.",
            valueName: "time"
        )
    )
    var since: Moment?

    @Option(
        help: ArgumentHelp(
            "Give repositories whose name begins with OLD the prefix NEW instead. May be repeated; the first that fits holds.",
            valueName: "old=new"
        )
    )
    var map: [String] = []

    @Option(
        help: ArgumentHelp(
            "SOURCE is a 'docker save' archive in which an image has no name: what it is called.",
            valueName: "repository:tag"
        )
    )
    var name: ArchiveName?

    @Option(help: "What becomes of v1's library/NAME: NAME (strip), or library/NAME (keep).")
    var library = NameMapping.Library.strip

    @Option(help: "The kind of manifest. The default is schema2, and oci for an image layout, which holds no other.")
    var format: ImageFormat?

    @Flag(
        name: .customLong("upgrade-schema1"),
        help: "SOURCE is the directory of a v2 registry: convert the images that have schema1 manifests."
    )
    var upgradesSchema1 = false

    @Option(
        help: ArgumentHelp(
            """
            How many layers to read at once, beside as many small ones. The default is four more than twice the number \
            of processors.
            """,
            valueName: "count"
        )
    )
    var jobs: Int?

    @Option(help: ArgumentHelp("The most bytes to read from SOURCE in a second: 500K, 20M, 1G.", valueName: "bytes"))
    var rateLimit: ByteQuantity?

    @Flag(help: "Go on when a tag cannot be converted (the default).")
    var keepGoing = false

    @Flag(help: "Stop at the first tag that cannot be converted.")
    var failFast = false

    @Option(
        help:
            "What to read back at the end: what was copied or sent (auto), every blob of every tag (full), nothing (none)."
    )
    var verify = MigrationOptions.Verification.auto

    @Flag(help: "Nothing else writes to SOURCE: link its files at once, however young they are.")
    var sourceIdle = false

    @Option(
        help: ArgumentHelp(
            "A file with the names of the repositories to take from a v1 registry, one a line, for one without search.",
            valueName: "file"
        )
    )
    var repositories: String?

    @Option(
        help: ArgumentHelp(
            "Where to keep the journal, and layers on their way, when DESTINATION is a registry.",
            valueName: "directory"
        )
    )
    var work = "./longshore-work"

    @Option(
        help: ArgumentHelp("How long a registry that does not answer is asked again.", valueName: "seconds")
    )
    var patience = 60

    @Option(
        help: ArgumentHelp(
            "Certificates, in PEM, of authorities that https registries are believed by, beside the system's.",
            valueName: "file"
        )
    )
    var caFile: String?

    @Flag(help: "Do not verify SOURCE's certificate.")
    var insecureSource = false

    @Flag(help: "Do not verify DESTINATION's certificate.")
    var insecureDestination = false

    /// What they ask of a migration.
    ///
    /// - Throws: `ValidationError` for options that contradict each other.
    func migrationOptions(isLayout: Bool) throws -> MigrationOptions {
        // Some wait for a disk or a network while the others have the processors.
        let jobs = jobs ?? ProcessInfo.processInfo.activeProcessorCount * 2 + 4
        guard jobs > 0 else { throw ValidationError("--jobs must be at least 1.") }
        guard rateLimit.map({ $0.byteCount > 0 }) ?? true else {
            throw ValidationError("--rate-limit must be above 0.")
        }
        guard patience >= 0 else { throw ValidationError("--patience must not be below 0.") }
        guard !(quiet && verbose) else { throw ValidationError("--quiet and --verbose exclude each other.") }
        guard !(keepGoing && failFast) else {
            throw ValidationError("--keep-going and --fail-fast exclude each other.")
        }
        guard !(isLayout && format == .schema2) else {
            throw ValidationError(
                "An OCI image layout holds OCI manifests: --format schema2 is for the other destinations."
            )
        }
        var result = MigrationOptions(jobs: jobs, isSourceIdle: sourceIdle)
        result.selection = TagSelection(
            included: include.map(Glob.init),
            excluded: exclude.map(Glob.init),
            since: since?.nanoseconds
        )
        do {
            result.naming = NameMapping(library: library, renames: try map.map { try NameMapping.Rename(parsing: $0) })
        } catch { throw ValidationError("--map: \(Explanation.of(error)).") }
        result.format = format ?? (isLayout ? .oci : .schema2)
        result.byteRateLimit = rateLimit?.byteCount
        result.failsFast = failFast
        result.verification = verify
        return result
    }
}

extension ArchiveName: ExpressibleByArgument {
    /// Nil for what is not of the form `REPOSITORY:TAG`.
    public init?(argument: String) {
        do { try self.init(parsing: argument) } catch { return nil }
    }
}

extension NameMapping.Library: ExpressibleByArgument {}
extension ImageFormat: ExpressibleByArgument {}
extension MigrationOptions.Verification: ExpressibleByArgument {}
