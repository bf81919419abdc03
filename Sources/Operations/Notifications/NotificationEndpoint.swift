/// A receiver of notifications.
package struct NotificationEndpoint: Sendable {
    /// Its name in logs and metrics, and of the directory of its records.
    package let name: String
    /// Where notifications are sent.
    let url: String
    /// Header fields to send.
    let headers: [(String, String)]
    /// How long a request may take.
    let timeout: Duration
    /// The number of failures in a row after which attempts are spaced out.
    let threshold: Int
    /// The time between attempts then.
    let backoff: Duration
    /// The media types of content that it is not notified of.
    let ignoredMediaTypes: Set<String>
    /// The actions that it is not notified of.
    let ignoredActions: Set<String>

    package init(
        name: String,
        url: String,
        headers: [(String, String)] = [],
        timeout: Duration = .seconds(1),
        threshold: Int = 10,
        backoff: Duration = .seconds(1),
        ignoredMediaTypes: Set<String> = [],
        ignoredActions: Set<String> = []
    ) {
        self.name = name
        self.url = url
        self.headers = headers
        self.timeout = timeout
        self.threshold = threshold
        self.backoff = backoff
        self.ignoredMediaTypes = ignoredMediaTypes
        self.ignoredActions = ignoredActions
    }

    /// Whether it does not ignore a notification.
    ///
    /// registry:2 heeds ignored actions only if there are ignored media types too.
    func wants(_ notification: RegistryNotification) -> Bool {
        !ignoredActions.contains(notification.action.rawValue)
            && !ignoredMediaTypes.contains(notification.target.mediaType)
    }
}

/// The registry that sends notifications, as they describe it.
package struct NotificationSource: Sendable {
    /// Its host and port.
    let address: String
    /// Differs for each process.
    let instanceID: String
    /// What to put before a path to get its URL, for changes that no request made.
    let root: String

    package init(address: String, instanceID: String, root: String) {
        self.address = address
        self.instanceID = instanceID
        self.root = root
    }
}
