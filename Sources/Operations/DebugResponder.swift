import HTTPTypes
import ImageModel
import NIOCore
package import RegistryHTTP

/// Serves the debug address, `http.debug`: the health checks and the metrics, without a login.
package struct DebugResponder: RegistryResponder {
    private let health: HealthChecks
    private let metrics: PrometheusMetrics
    private let metricsPath: String?

    /// - Parameter path: Where the metrics are; nil to serve none.
    package init(_ health: HealthChecks, _ metrics: PrometheusMetrics, at path: String?) {
        self.health = health
        self.metrics = metrics
        metricsPath = path
    }

    package func respond(_ request: RegistryRequest) async -> RegistryResponse {
        guard request.method == .get || request.method == .head else { return Self.absent }
        if request.path == "/debug/health" { return healthResponse }
        guard request.path == metricsPath else { return Self.absent }
        return Self.response(.ok, PrometheusText.mediaType, Array(await metrics.page().utf8))
    }

    /// registry:2's: an object of the checks that fail.
    private var healthResponse: RegistryResponse {
        let failures = health.failures.sorted { $0.key < $1.key }
        let members = failures.map { JSONMember(key: $0.key, value: .string($0.value)) }
        return Self.response(
            failures.isEmpty ? .ok : .serviceUnavailable,
            "application/json; charset=utf-8",
            JSONValue.object(members).goEncoded()
        )
    }

    private static var absent: RegistryResponse {
        response(.notFound, "text/plain; charset=utf-8", Array("404 page not found\n".utf8))
    }

    private static func response(
        _ status: HTTPResponse.Status,
        _ mediaType: String,
        _ bytes: [UInt8]
    ) -> RegistryResponse {
        RegistryResponse(
            status,
            headers: [.contentType: mediaType, .cacheControl: "no-store"],
            body: .bytes(ByteBuffer(bytes: bytes))
        )
    }
}
