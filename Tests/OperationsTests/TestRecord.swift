import HTTPTypes
import Logging
import RegistryCore
import Storage

@testable import RegistryHTTP

/// Requests that have ended.
enum TestRecord {
    static func record(
        of request: RegistryRequest,
        status: Int = 200,
        byteCount: Int64 = 12,
        isComplete: Bool = true
    ) -> RequestRecord {
        RequestRecord(
            request: request,
            status: status,
            headers: [.contentType: "application/json"],
            byteCount: byteCount,
            isComplete: isComplete,
            duration: .microseconds(1361)
        )
    }
}

extension Registry {
    /// A registry in memory.
    static func inMemory() -> Registry {
        Registry(
            storage: MemoryStorage(),
            isReadOnly: false,
            configuration: Configuration(conversionConcurrency: 2),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
    }
}
