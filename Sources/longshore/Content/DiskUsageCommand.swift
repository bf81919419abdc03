import ArgumentParser
import Migration
import RegistryCore
import Storage

/// `longshore du`: the bytes that repositories take.
struct DiskUsageCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "du",
        abstract: "Show how many bytes each repository takes, alone and shared with others.",
        discussion: """
            Every file counts once, even if it has several names: a v1 layer and a v2 blob with the same bytes are one \
            file. The command examines every file.
            """
    )

    @Option(help: "What to list: 'repository', or 'layer' for the largest blobs and v1 layers.")
    var by = DiskUsageTask.Grouping.repository

    @Option(help: "The number of rows, the largest first. (default: all repositories, or 20 layers)")
    var limit: Int?

    @Flag(help: "Print one JSON object, with sizes in bytes.")
    var json = false

    @OptionGroup var directory: DirectoryOptions

    func validate() throws {
        if let limit, limit < 1 { throw ValidationError("--limit must be at least 1.") }
    }

    func run() async throws {
        try await directory.perform { DiskUsageTask(by: by, limit: limit, isJSON: json) }
    }
}

/// A measurement of disk usage that a command asked for.
struct DiskUsageTask: OperatorTask {
    static let name = "du"

    /// What the rows are.
    enum Grouping: String, Codable, ExpressibleByArgument, CaseIterable {
        case repository
        case layer
    }

    let by: Grouping
    let limit: Int?
    let isJSON: Bool

    var writes: Bool { false }

    private static let usualLayerCount = 20

    func run(in context: OperatorContext) async throws -> Int32 {
        let layerLimit = by == .layer ? limit ?? Self.usualLayerCount : 0
        var usage = try await context.registry.usage(layerLimit: layerLimit)
        usage.repositories.sort { $0.byteCount > $1.byteCount }
        if let limit, by == .repository { usage.repositories = Array(usage.repositories.prefix(limit)) }
        if isJSON {
            context.output.say(try JSONLine.text(UsageDocument(usage, by: by)))
            return 0
        }
        for line in by == .layer ? Self.layers(usage) : Self.repositories(usage) + Self.totals(usage) {
            try await context.output.list(line)
        }
        return 0
    }

    private static func repositories(_ usage: StorageUsage) -> [String] {
        var table = TextTable(["OWN", "SHARED", "REPOSITORY"])
        for row in usage.repositories {
            table.add([Quantity.bytes(row.ownByteCount), Quantity.bytes(row.sharedByteCount), row.name])
        }
        return table.lines
    }

    private static func totals(_ usage: StorageUsage) -> [String] {
        var table = TextTable([])
        table.add([Quantity.bytes(usage.own.byteCount), "in one repository each"])
        table.add([Quantity.bytes(usage.shared.byteCount), "in several repositories"])
        table.add([Quantity.bytes(usage.unlinked.byteCount), "in no repository: garbage, or pushed just now"])
        table.add([Quantity.bytes(usage.untagged.byteCount), "in v1 images that no v1 tag reaches"])
        table.add([Quantity.bytes(usage.records.byteCount), "in links, tags and records"])
        table.add([Quantity.bytes(usage.total.byteCount), "in total, in \(usage.total.count) files"])
        return [""] + table.lines
    }

    private static func layers(_ usage: StorageUsage) -> [String] {
        var table = TextTable(["SIZE", "BLOB OR V1 IMAGE", "REPOSITORIES"])
        for layer in usage.layers {
            let names = layer.repositories.prefix(3).joined(separator: ", ")
            let rest = layer.repositories.count - 3
            table.add([
                Quantity.bytes(layer.byteCount), layer.name, names + (rest > 0 ? " and \(rest) more" : ""),
            ])
        }
        return table.lines
    }
}

extension StorageUsage.Repository {
    /// All its bytes.
    fileprivate var byteCount: Int64 { ownByteCount.clampedAdding(sharedByteCount) }
}

/// Disk usage, as `--json` prints it.
struct UsageDocument: Encodable {
    private struct Repository: Encodable {
        let name: String
        let ownBytes: Int64
        let sharedBytes: Int64
    }

    private struct Layer: Encodable {
        let name: String
        let bytes: Int64
        let repositories: [String]
    }

    private struct Totals: Encodable {
        let own: Int64
        let shared: Int64
        let unlinked: Int64
        let untaggedV1Images: Int64
        let records: Int64
        let total: Int64
        let files: Int
    }

    private let repositories: [Repository]?
    private let layers: [Layer]?
    private let bytes: Totals

    init(_ usage: StorageUsage, by grouping: DiskUsageTask.Grouping) {
        repositories =
            grouping == .layer
            ? nil
            : usage.repositories.map {
                Repository(name: $0.name, ownBytes: $0.ownByteCount, sharedBytes: $0.sharedByteCount)
            }
        layers =
            grouping == .repository
            ? nil : usage.layers.map { Layer(name: $0.name, bytes: $0.byteCount, repositories: $0.repositories) }
        bytes = Totals(
            own: usage.own.byteCount,
            shared: usage.shared.byteCount,
            unlinked: usage.unlinked.byteCount,
            untaggedV1Images: usage.untagged.byteCount,
            records: usage.records.byteCount,
            total: usage.total.byteCount,
            files: usage.total.count
        )
    }
}
