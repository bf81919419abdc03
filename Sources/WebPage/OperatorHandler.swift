import RegistryCore
import RegistryHTTP

/// Shows the pages for operators, and begins the work that they ask for.
struct OperatorHandler: Sendable {
    let visit: Visit

    private var context: PageContext { visit.context }
    private var registry: Registry { visit.page.registry }
    private var work: OperatorWork { visit.page.work }

    func show(_ page: OperatorPage) async throws -> RegistryResponse {
        switch page {
        case .overview: return visit.html("Server", await overview())
        case .clients: return visit.html("Clients", ClientsView(registry.clients, context))
        case .storage:
            let state = await work.usage.state
            return visit.html(
                "Storage",
                StorageView(
                    state.value,
                    state: state.sentence(of: "measurement", unless: "Nothing has been measured yet."),
                    isRunning: state.isRunning,
                    context
                )
            )
        case .configuration:
            let tabs = OperatorTab.all(context.links, current: .configuration)
            return visit.html(
                "Configuration",
                ConfigurationView(tabs: tabs, rows: visit.page.facts.configuration)
            )
        }
    }

    /// Begins a dry run or a measurement, and shows the page again.
    func begin(_ page: OperatorPage) async throws -> RegistryResponse {
        switch page {
        case .overview:
            var policy = visit.page.facts.collection
            policy.isDryRun = true
            policy.retention = registry.tagRules.content.retention
            await work.rehearse(policy)
        case .storage: await work.measure()
        case .clients, .configuration: throw PageProblem.unknown("This page takes no form.")
        }
        return PageResponse.redirect(to: context.links.operators(page))
    }

    private func overview() async -> OverviewView {
        let activity = await registry.activity()
        let status = await registry.collector.status
        let rehearsal = await work.rehearsal.state
        return OverviewView(
            base: context.links.base,
            token: context.token,
            tabs: OperatorTab.all(context.links, current: .overview),
            facts: [
                Fact(label: "Version", value: visit.page.facts.version),
                Fact(label: "Mode", value: registry.isReadOnly ? "read-only" : "reads and writes"),
                Fact(label: "v1", value: Self.v1(registry.v1.access)),
                Fact(label: "Uploads open", value: "\(activity.uploadCount)"),
                Fact(label: "Conversions under way", value: "\(activity.conversionCount)"),
                Fact(label: "People signed in", value: "\(visit.page.sessions.count)"),
            ],
            collection: Self.collection(status),
            rehearsal: rehearsal.sentence(of: "dry run", unless: nil),
            removals: rehearsal.value.map { OverviewView.Removals(lines: OverviewView.lines($0)) },
            offersRehearsal: !rehearsal.isRunning && !status.isRunning
        )
    }

    private static func v1(_ access: V1Settings.Access) -> String {
        switch access {
        case .enabled: "on"
        case .disabled: "off"
        case .readOnly: "read-only"
        }
    }

    private static func collection(_ status: CollectionStatus) -> [Fact] {
        let now = ContinuousClock.now
        var facts = [
            Fact(label: "Running", value: status.isRunning ? "yes" : "no"),
            Fact(
                label: "Last",
                value: status.last.map { "\(PageFormat.duration(now - $0.end)) ago" }
                    ?? "none since the server started"
            ),
            Fact(
                label: "Next",
                value: status.next.map { $0 > now ? "in \(PageFormat.duration($0 - now))" : "now" }
                    ?? "off: storage.maintenance.collection.enabled"
            ),
        ]
        if let last = status.last {
            facts.append(
                Fact(
                    label: "It removed",
                    value: "\(last.report.blobs.count) blobs, \(PageFormat.bytes(last.report.blobs.byteCount))"
                )
            )
        }
        return facts
    }
}
