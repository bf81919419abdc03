import ArgumentParser
import Conversion
import Foundation
import Migration
import RegistryCore
import Settings

/// The options of `longshore migrate`.
struct MigrateOptions: ParsableArguments {
    @Flag(help: "Show what would be done, and what cannot be; change nothing.")
    var dryRun = false

    @Option(help: ArgumentHelp("Write the plan with every tag as JSON.", valueName: "file"))
    var plan: String?

    @Flag(help: "Start even if the disk of DESTINATION seems too small.")
    var force = false

    @Flag(help: "Show only the summary: no plan, progress or warnings.")
    var quiet = false

    @Flag(help: "Show every warning instead of one line per kind; with --dry-run, every tag too.")
    var verbose = false

    @Option(help: ArgumentHelp("Write a report of every tag and image as JSON.", valueName: "file"))
    var report: String?

    @Option(help: ArgumentHelp("Write the report as an HTML page.", valueName: "file"))
    var htmlReport: String?

    @Option(
        help: ArgumentHelp(
            "Convert only matching tags: a pattern for repository:tag or repository, with * and ?. (repeatable)",
            valueName: "pattern"
        )
    )
    var include: [String] = []

    @Option(help: ArgumentHelp("Skip matching tags. (repeatable)", valueName: "pattern"))
    var exclude: [String] = []

    @Option(
        help: ArgumentHelp(
            "Skip tags last set before a day or time: 2015-04-01, 2015-04-01T12:00:00Z.",
            valueName: "time"
        )
    )
    var since: Moment?

    @Option(
        help: ArgumentHelp(
            "Replace the name prefix OLD of repositories with NEW. (repeatable; the first match applies)",
            valueName: "old=new"
        )
    )
    var map: [String] = []

    @Option(
        help: ArgumentHelp(
            "The name for the unnamed image of a 'docker save' archive.",
            valueName: "repository:tag"
        )
    )
    var name: ArchiveName?

    @Option(help: "How v1's library/NAME is renamed: to NAME (strip), or not at all (keep).")
    var library = NameMapping.Library.strip

    @Option(help: "The manifest format. (default: schema2; oci for an image layout, which allows no other)")
    var format: ImageFormat?

    @Flag(
        name: .customLong("upgrade-schema1"),
        help: "SOURCE is the directory of a v2 registry: convert the images that have schema1 manifests."
    )
    var upgradesSchema1 = false

    @Option(
        help: ArgumentHelp(
            """
            How many layers to read at once, plus as many small ones. (default: twice the number of processors, plus \
            four)
            """,
            valueName: "count"
        )
    )
    var jobs: Int?

    @Option(help: ArgumentHelp("The most bytes to read from SOURCE per second: 500K, 20M, 1G.", valueName: "bytes"))
    var rateLimit: ByteQuantity?

    @Flag(help: "Continue when a tag cannot be converted. (default)")
    var keepGoing = false

    @Flag(help: "Stop at the first tag that cannot be converted.")
    var failFast = false

    @Option(
        help:
            "What to read back at the end: content copied or sent (auto), all blobs of all tags (full), nothing (none)."
    )
    var verify = MigrationOptions.Verification.auto

    @Flag(help: "Nothing else writes to SOURCE: link its files right away, however recent they are.")
    var sourceIdle = false

    @Option(
        help: ArgumentHelp(
            "A file of repository names to read from a v1 registry without search, one per line.",
            valueName: "file"
        )
    )
    var repositories: String?

    @Option(
        help: ArgumentHelp(
            "Where to keep the journal and layers in transit when DESTINATION is a registry.",
            valueName: "directory"
        )
    )
    var work = "./longshore-work"

    @Option(
        help: ArgumentHelp("How long to retry a registry that does not respond.", valueName: "seconds")
    )
    var patience = 60

    @Option(
        help: ArgumentHelp(
            "PEM file of certificate authorities to trust for https registries, besides the system's.",
            valueName: "file"
        )
    )
    var caFile: String?

    @Option(
        help: ArgumentHelp(
            "The configuration of the registry that serves DESTINATION, whose immutable tags are not changed.",
            valueName: "file"
        )
    )
    var config: String?

    @Flag(help: "Do not verify SOURCE's certificate.")
    var insecureSource = false

    @Flag(help: "Do not verify DESTINATION's certificate.")
    var insecureDestination = false

    /// The rules that make tags of the destination immutable.
    var immutability: [ImmutabilityRule] {
        get throws {
            guard let config else { return [] }
            return try ConfigurationOptions.accepted(ConfigurationOptions.load(config, [])).settings.tagRules
                .immutability
        }
    }

    /// The options of the migration itself.
    ///
    /// - Throws: `ValidationError` for options that contradict each other.
    func migrationOptions(isLayout: Bool) throws -> MigrationOptions {
        // Some jobs wait for a disk or a network while others use the processors.
        let jobs = jobs ?? ProcessInfo.processInfo.activeProcessorCount * 2 + 4
        guard jobs > 0 else { throw ValidationError("--jobs must be at least 1.") }
        guard rateLimit.map({ $0.byteCount > 0 }) ?? true else {
            throw ValidationError("--rate-limit must be greater than 0.")
        }
        guard patience >= 0 else { throw ValidationError("--patience must not be negative.") }
        guard !(quiet && verbose) else { throw ValidationError("--quiet and --verbose cannot be combined.") }
        guard !(keepGoing && failFast) else {
            throw ValidationError("--keep-going and --fail-fast cannot be combined.")
        }
        guard !(isLayout && format == .schema2) else {
            throw ValidationError(
                "An OCI image layout contains OCI manifests only: --format schema2 is for other destinations."
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
    /// Nil unless the argument is `REPOSITORY:TAG`.
    public init?(argument: String) {
        do { try self.init(parsing: argument) } catch { return nil }
    }
}

extension NameMapping.Library: ExpressibleByArgument {}
extension ImageFormat: ExpressibleByArgument {}
extension MigrationOptions.Verification: ExpressibleByArgument {}
