import Glibc
import Logging
import Operations
import RegistryCore
import Settings
import Storage

/// The notifications of a server: `notifications`.
struct Notifications {
    let notifier: Notifier
    private let settings: NotificationSettings
    private let isReadOnly: Bool

    /// - Parameter isReadOnly: Whether nothing can be written, so that there are only pulls.
    init(_ settings: RegistrySettings, _ instruments: Instruments, isReadOnly: Bool) {
        self.settings = settings.notifications
        self.isReadOnly = isReadOnly
        let host = settings.http.host.map { $0.hasSuffix("/") ? $0.dropLast() : $0[...] } ?? ""
        let source = NotificationSource(
            address: Self.address(settings.http.address),
            instanceID: UploadID().description,
            root: String(host + settings.http.prefix.dropLast())
        )
        notifier = Notifier(
            settings.notifications.endpoints.filter { !$0.isDisabled }.map(NotificationEndpoint.init),
            from: source,
            includesReferences: settings.notifications.includesReferences,
            hasRecords: !isReadOnly,
            metrics: instruments.metrics
        )
    }

    /// Begins to follow the changes of a registry and the pulls from it, if there are receivers.
    func follow(_ registry: Registry) {
        if settings.endpoints.contains(where: { !$0.isDisabled }) { registry.events.recorder = notifier }
    }

    /// The service that sends notifications.
    func service(in storage: any ObjectStorage, _ logger: Logger) -> NotificationService {
        let known = isReadOnly ? nil : settings.endpoints.map(\.name)
        return NotificationService(of: notifier, known: known, in: storage, logger: logger)
    }

    /// The name of this machine, with the port of the server, as registry:2 describes itself.
    private static func address(_ listening: String) -> String {
        let limit = 255
        // The last byte stays 0.
        var name = [CChar](repeating: 0, count: limit + 1)
        guard gethostname(&name, limit) == 0 else { return listening }
        let host = String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        let parts = listening.split(separator: ":", omittingEmptySubsequences: false)
        return parts.count > 1 ? "\(host):\(parts[parts.count - 1])" : host
    }
}

extension NotificationEndpoint {
    fileprivate init(_ endpoint: NotificationSettings.Endpoint) {
        self.init(
            name: endpoint.name,
            url: endpoint.url,
            headers: endpoint.headers.sorted { $0.key < $1.key }.flatMap { name, values in values.map { (name, $0) } },
            timeout: endpoint.timeout,
            threshold: endpoint.threshold,
            backoff: endpoint.backoff,
            ignoredMediaTypes: endpoint.ignoredMediaTypes,
            ignoredActions: endpoint.ignoredActions
        )
    }
}
