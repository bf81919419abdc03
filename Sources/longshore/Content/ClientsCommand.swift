import ArgumentParser
import Foundation
import RegistryCore

/// `longshore clients`: who uses what, and who still needs v1.
struct ClientsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "clients",
        abstract: "Show which clients use which repositories, and who still needs v1.",
        discussion: """
            Each row is one client's use of one repository through one protocol. The server keeps the latest \
            \(ClientUses.limit) rows of each protocol, and writes them down every few minutes.
            """
    )

    @Flag(help: "Show only clients that use v1: before you set legacy.enabled to false, there should be none.")
    var v1 = false

    @Flag(help: "Print one JSON object per line.")
    var json = false

    @OptionGroup var directory: DirectoryOptions

    func run() async throws {
        try await directory.perform { ClientsTask(isV1Alone: v1, isJSON: json) }
    }
}

/// A list of clients that a command asked for.
struct ClientsTask: OperatorTask {
    static let name = "clients"

    let isV1Alone: Bool
    let isJSON: Bool

    var writes: Bool { false }

    func run(in context: OperatorContext) async throws -> Int32 {
        let clients = context.registry.clients
        if !context.isInServer { try await clients.load() }
        let uses = clients.all.filter { !isV1Alone || $0.key.interface == .v1 }
        if isJSON {
            for use in uses { try await context.output.list(try JSONLine.text(ListedClient(use))) }
            return 0
        }
        guard !uses.isEmpty else {
            context.output.say(Self.absence(isV1Alone, since: clients.since))
            return 0
        }
        var table = TextTable(["LAST", "PROTOCOL", "CLIENT", "REQUESTS", "REPOSITORY", "USER", "ADDRESS"])
        for use in uses { table.add(Self.row(use)) }
        for line in table.lines { try await context.output.list(line) }
        return 0
    }

    private static func absence(_ isV1Alone: Bool, since: Int64) -> String {
        let protocolName = isV1Alone ? " through v1" : ""
        return "no client has used a repository\(protocolName) since \(Self.time(since))"
    }

    private static func row(_ use: ClientUse) -> [String] {
        [
            time(use.last), use.key.interface.rawValue, ClientAgent(use.key.agent).product, "\(use.count)",
            use.key.repository, use.key.user ?? "-", use.key.address ?? "-",
        ].map(Self.shown)
    }

    /// A time in RFC 3339 format, in UTC.
    fileprivate static func time(_ seconds: Int64) -> String {
        Date(timeIntervalSince1970: TimeInterval(seconds)).formatted(.iso8601)
    }

    /// Text that clients sent, without characters that a terminal interprets.
    private static func shown(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.map { $0.isPrintable ? $0 : "?" }))
    }
}

/// A client's use of a repository, as `--json` prints it.
private struct ListedClient: Encodable {
    private let `protocol`: String
    private let era: String
    private let agent: String
    private let repository: String
    private let user: String?
    private let address: String?
    private let first: String
    private let last: String
    private let requests: Int64

    init(_ use: ClientUse) {
        `protocol` = use.key.interface.rawValue
        era = use.era.rawValue
        agent = use.key.agent
        repository = use.key.repository
        user = use.key.user
        address = use.key.address
        first = ClientsTask.time(use.first)
        last = ClientsTask.time(use.last)
        requests = use.count
    }
}
