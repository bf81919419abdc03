package import Logging

/// A line of a log, before it is formatted.
package struct LogLine: Sendable {
    /// A value with its type, which JSON shows.
    package enum Value: Sendable, Equatable {
        case text(String)
        case integer(Int64)
        /// A time in seconds.
        case duration(Duration)
    }

    /// A named value.
    package struct Field: Sendable, Equatable {
        /// The name in text.
        let name: String
        /// The name in JSON: registry:2's, if it logs the same.
        let jsonName: String
        let value: Value

        package init(_ name: String, json jsonName: String? = nil, _ value: Value) {
            self.name = name
            self.jsonName = jsonName ?? name
            self.value = value
        }

        package init(_ name: String, json jsonName: String? = nil, _ text: String) {
            self.init(name, json: jsonName, .text(text))
        }
    }

    /// Nanoseconds since 1970.
    let time: Int64
    let level: Logger.Level
    /// What happened, without what it happened to.
    let message: String
    /// In the order in which text shows them.
    var fields: [Field]

    package init(at time: Int64, _ level: Logger.Level, _ message: String, _ fields: [Field]) {
        self.time = time
        self.level = level
        self.message = message
        self.fields = fields
    }
}

extension LogLine.Field {
    /// The request that a line belongs to.
    static func requestID(_ id: String) -> LogLine.Field {
        LogLine.Field("request_id", json: "http.request.id", id)
    }

    /// The name of a user.
    static func user(_ name: String) -> LogLine.Field { LogLine.Field("user", json: "auth.user.name", name) }

    /// The address of a client.
    static func client(_ address: String) -> LogLine.Field {
        LogLine.Field("client", json: "http.request.remoteaddr", address)
    }

    /// The `User-Agent` of a client.
    static func agent(_ agent: String) -> LogLine.Field {
        LogLine.Field("agent", json: "http.request.useragent", agent)
    }
}

extension Logger.Level {
    /// The level's name in registry:2's logs.
    var registryName: String {
        switch self {
        case .trace: "trace"
        case .debug: "debug"
        case .info, .notice: "info"
        case .warning: "warning"
        case .error: "error"
        case .critical: "fatal"
        }
    }
}
