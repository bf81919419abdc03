import AsyncHTTPClient
import Foundation
package import NIOCore
import NIOHTTP1
import RegistryCore

/// How notifications reach their receivers, and the time that passes meanwhile. Tests replace it.
package struct NotificationTransport: Sendable {
    /// Sends a notification, and returns the status of the response.
    let post: @Sendable (ByteBuffer, NotificationEndpoint) async throws -> Int
    /// Waits.
    let sleep: @Sendable (Duration) async throws -> Void
    /// The time of day, in nanoseconds since 1970.
    let now: @Sendable () -> Int64

    package init(
        post: @escaping @Sendable (ByteBuffer, NotificationEndpoint) async throws -> Int,
        sleep: @escaping @Sendable (Duration) async throws -> Void,
        now: @escaping @Sendable () -> Int64
    ) {
        self.post = post
        self.sleep = sleep
        self.now = now
    }

    /// HTTP.
    package static let network = NotificationTransport(
        post: { try await send($0, to: $1) },
        sleep: { try await Task.sleep(for: $0) },
        now: { WallClock.now }
    )

    /// The media type of notifications.
    private static let mediaType = "application/vnd.docker.distribution.events.v1+json"

    private static func send(_ bytes: ByteBuffer, to endpoint: NotificationEndpoint) async throws -> Int {
        var request = HTTPClientRequest(url: endpoint.url)
        request.method = .POST
        request.headers.add(name: "User-Agent", value: "longshore")
        request.headers.add(name: "Content-Type", value: mediaType)
        if let login = login(in: endpoint.url) { request.headers.add(name: "Authorization", value: login) }
        // Beside the others, as registry:2 sends them.
        for (name, value) in endpoint.headers { request.headers.add(name: name, value: value) }
        request.body = .bytes(bytes)
        let response = try await HTTPClient.shared.execute(request, timeout: TimeAmount(endpoint.timeout))
        return Int(response.status.code)
    }

    /// The `Authorization` for the user and password in a URL; nil if it has none.
    private static func login(in url: String) -> String? {
        guard let parts = URLComponents(string: url), let user = parts.user else { return nil }
        return "Basic " + Data("\(user):\(parts.password ?? "")".utf8).base64EncodedString()
    }
}
