/// Who is notified of pushes, pulls, mounts and deletes: `notifications`.
package struct NotificationSettings: Sendable {
    /// A receiver of notifications: an element of `notifications.endpoints`.
    package struct Endpoint: Hashable, Sendable {
        /// Its position in the list.
        let index: Int
        /// Its name in logs and metrics.
        package var name: String
        /// Whether it gets no notifications for now.
        package var isDisabled: Bool
        /// Where notifications are sent.
        package var url: String
        /// Header fields to send.
        package var headers: [String: [String]]
        /// How long a request may take.
        package var timeout: Duration
        /// The number of failures in a row after which attempts are spaced out.
        package var threshold: Int
        /// The time between attempts then.
        package var backoff: Duration
        /// The media types of content that it is not notified of.
        package var ignoredMediaTypes: Set<String>
        /// The actions that it is not notified of: `pull`, `push`, `mount` or `delete`.
        package var ignoredActions: Set<String>
    }

    /// The longest name of an endpoint, in bytes: it is also the name of a directory, where a byte may take three.
    static let longestName = 80

    /// The receivers.
    package var endpoints: [Endpoint]
    /// Whether the notification of a manifest lists what the manifest references.
    package var includesReferences: Bool

    init(_ reader: ValueReader) {
        includesReferences = reader.flag("notifications.events.includereferences")
        guard case .list(let elements) = reader.entry("notifications.endpoints")?.content else {
            endpoints = []
            return
        }
        endpoints = elements.enumerated().map { Endpoint($1, at: $0) }
    }
}

extension NotificationSettings.Endpoint {
    fileprivate init(_ element: ConfigurationEntry, at index: Int) {
        func text(_ name: String) -> String { element[name]?.texts.first ?? "" }
        // registry:2 takes its default for a time that is not positive.
        func duration(_ name: String) -> Duration {
            let given = GoDuration(parsing: text(name))?.duration ?? .zero
            return given > .zero ? given : .seconds(1)
        }
        self.index = index
        url = text("url")
        name = text("name")
        isDisabled = ValueKind.flag(text("disabled")) ?? false
        let headers = (element["headers"]?.members ?? []).map { ($0.key, $0.value.texts) }
        self.headers = Dictionary(headers) { $1 }
        timeout = duration("timeout")
        backoff = duration("backoff")
        let threshold = Int(text("threshold")) ?? 0
        self.threshold = threshold > 0 ? threshold : 10
        let ignored = element["ignore"]
        ignoredMediaTypes = Set(
            (element["ignoredmediatypes"]?.texts ?? []) + (ignored?["mediatypes"]?.texts ?? [])
        )
        ignoredActions = Set(ignored?["actions"]?.texts ?? [])
        if name.isEmpty, url.utf8.count <= NotificationSettings.longestName { name = url }
    }

    /// Whether the URL has the form that can be sent to.
    var hasUsableURL: Bool {
        let lowercase = url.lowercased()
        guard let scheme = ["http://", "https://"].first(where: lowercase.hasPrefix) else { return false }
        let authority = url.dropFirst(scheme.count).prefix { !"/?#".contains($0) }
        let host = authority.split(separator: "@", omittingEmptySubsequences: false).last ?? ""
        return !host.isEmpty && !host.hasPrefix(":") && url.utf8.allSatisfy { (0x21...0x7E).contains($0) }
    }
}
