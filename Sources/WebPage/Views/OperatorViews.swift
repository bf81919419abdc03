import RegistryCore
import RegistryHTTP

/// A link to another page for operators.
struct OperatorTab: Sendable {
    let title: String
    let link: String
    let isCurrent: Bool

    /// The links to all pages.
    static func all(_ links: PageLinks, current: OperatorPage) -> [OperatorTab] {
        OperatorPage.allCases.map { page in
            OperatorTab(title: page.title, link: links.operators(page), isCurrent: page == current)
        }
    }
}

extension OperatorPage {
    /// The title of the page.
    var title: String {
        switch self {
        case .overview: "Overview"
        case .clients: "Clients"
        case .storage: "Storage"
        case .configuration: "Configuration"
        }
    }
}

/// The server's state.
struct OverviewView: PageView {
    static let template = "overview"

    /// What a dry run found.
    struct Removals: Sendable {
        let lines: [Fact]
    }

    let base: String
    let token: String
    let tabs: [OperatorTab]
    let facts: [Fact]
    let collection: [Fact]
    let rehearsal: String?
    let removals: Removals?
    let offersRehearsal: Bool

    /// The lines about a collection.
    static func lines(_ report: CollectionReport) -> [Fact] {
        [
            Fact(
                label: "Blobs",
                value: "\(report.blobs.count), \(PageFormat.bytes(report.blobs.byteCount))"
            ),
            Fact(label: "Untagged manifests", value: "\(report.untaggedManifestCount)"),
            Fact(label: "Abandoned uploads", value: "\(report.uploadCount)"),
            Fact(label: "Needed blobs", value: "\(report.liveCount)"),
        ]
    }
}

/// Who uses what.
struct ClientsView: PageView {
    static let template = "clients"

    struct Row: Sendable {
        let client: String
        let interface: String
        let isV1: Bool
        let era: String
        let repository: String
        let user: String
        let address: String
        let requests: String
        let first: String
        let last: String

        init(_ use: ClientUse) {
            client = PageFormat.cut(ClientAgent(use.key.agent).product, to: 128)
            interface = use.key.interface.rawValue
            isV1 = use.key.interface == .v1
            era = use.era.title
            repository = use.key.repository
            user = use.key.user ?? "anonymous"
            address = use.key.address ?? ""
            requests = "\(use.count)"
            first = PageFormat.time(seconds: use.first)
            last = PageFormat.time(seconds: use.last)
        }
    }

    let tabs: [OperatorTab]
    let isV1Alone: Bool
    let v1Link: String
    let allLink: String
    let tone: String
    let verdict: String
    let hasRows: Bool
    let rows: [Row]
    let pages: PagePosition?

    private static let pageSize = 100

    init(_ clients: ClientUses, _ context: PageContext) {
        let isV1Alone = context.request.query["all"] == nil
        let all = clients.all
        let v1 = all.filter { $0.key.interface == .v1 }
        let shown = isV1Alone ? v1 : all
        let slice = PageSlice(context.request.query["page"], size: Self.pageSize, total: shown.count)
        let links = context.links
        let since = PageFormat.time(seconds: clients.since)
        tabs = OperatorTab.all(links, current: .clients)
        self.isV1Alone = isV1Alone
        v1Link = links.operators(.clients)
        allLink = links.operators(.clients, [("all", "true")])
        tone = v1.isEmpty ? "good" : ""
        verdict =
            v1.isEmpty
            ? "No client has used v1 since \(since). You may set legacy.enabled to false."
            : "\(PageFormat.count(Set(v1.map(\.key.address)).count, "address")) used v1 since \(since), "
                + "last at \(PageFormat.time(seconds: v1.first?.last ?? 0))."
        rows = shown[slice.range].map(Row.init)
        hasRows = !rows.isEmpty
        pages = slice.position {
            links.operators(.clients, (isV1Alone ? [] : [("all", "true")]) + [("page", $0)])
        }
    }
}

/// The bytes that repositories take.
struct StorageView: PageView {
    static let template = "storage"

    struct Row: Sendable {
        let name: String
        let link: String
        let own: String
        let shared: String
    }

    let base: String
    let token: String
    let tabs: [OperatorTab]
    let state: String?
    let hasTotals: Bool
    let totals: [Fact]
    let offersMeasurement: Bool
    let hasRows: Bool
    let rows: [Row]
    let rowsNote: String?

    private static let rowLimit = 500

    init(_ usage: StorageUsage?, state: String?, isRunning: Bool, _ context: PageContext) {
        let links = context.links
        let all = (usage?.repositories ?? []).sorted { $0.ownByteCount > $1.ownByteCount }
        base = links.base
        token = context.token
        tabs = OperatorTab.all(links, current: .storage)
        self.state = state
        totals = usage.map(Self.totals) ?? []
        hasTotals = usage != nil
        offersMeasurement = !isRunning
        rows = all.prefix(Self.rowLimit).map { row in
            Row(
                name: row.name,
                link: links.repository(row.name),
                own: PageFormat.bytes(row.ownByteCount),
                shared: PageFormat.bytes(row.sharedByteCount)
            )
        }
        hasRows = !rows.isEmpty
        rowsNote = all.count > Self.rowLimit ? "\(all.count - Self.rowLimit) smaller repositories are left out." : nil
    }

    private static func totals(_ usage: StorageUsage) -> [Fact] {
        [
            ("In one repository each", usage.own), ("In several repositories", usage.shared),
            ("In no repository", usage.unlinked), ("In v1 images without a tag", usage.untagged),
            ("Links, tags and records", usage.records), ("In total", usage.total),
        ].map { Fact(label: $0.0, value: PageFormat.bytes($0.1.byteCount)) }
    }
}

/// The configuration in force.
struct ConfigurationView: PageView {
    static let template = "configuration"
    let tabs: [OperatorTab]
    let rows: [ServerFacts.Setting]
}
