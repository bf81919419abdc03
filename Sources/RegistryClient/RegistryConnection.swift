import AsyncHTTPClient
import Foundation
import ImageModel
import NIOCore
import NIOHTTP1
import Synchronization

/// A connection to a registry as one user. It handles authentication, and retries after temporary failures.
final class RegistryConnection: Sendable {
    let address: RegistryAddress
    private let transport: RegistryTransport
    /// The `Authorization` values that worked, by scopes.
    private let authorizations = Mutex<[[String]: String]>([:])
    private let usesBasicAlways: Bool

    /// The longest pause between retries.
    private static let longestPause = Duration.seconds(10)

    /// - Parameter usesBasicAlways: Whether every request carries the user's credentials, as from v1 clients.
    init(_ address: RegistryAddress, _ transport: RegistryTransport, usesBasicAlways: Bool) {
        self.address = address
        self.transport = transport
        self.usesBasicAlways = usesBasicAlways
    }

    /// Sends a request, retrying after temporary failures with growing pauses.
    ///
    /// - Parameters:
    ///   - patience: How long to retry; nil for the transport's default.
    ///   - isAccepted: Whether a status is a valid response; any other status is thrown.
    /// - Throws: ``RegistryFailure``.
    func send(
        _ request: RemoteRequest,
        patience: Duration? = nil,
        accepting isAccepted: (Int) -> Bool
    ) async throws -> RemoteResponse {
        let deadline = ContinuousClock.now + (patience ?? transport.patience)
        // A registry may return 500 permanently: docker-registry does so for a repository it cannot read.
        let soon = ContinuousClock.now + .seconds(3)
        var pause = Duration.milliseconds(200)
        while true {
            do {
                return try await sendOnce(request, isAccepted)
            } catch let failure as RegistryFailure
                where failure.isPassing && .now + pause < (failure.isOutage ? deadline : min(deadline, soon))
            {
                try await Task.sleep(for: pause)
                pause = min(pause * 2, Self.longestPause)
            }
        }
    }

    /// Sends a request once, or twice if the first response asks for authentication.
    func sendOnce(_ request: RemoteRequest, _ isAccepted: (Int) -> Bool) async throws -> RemoteResponse {
        let response = try await exchange(request, authorizations.withLock { $0[request.scopes] })
        guard response.status == 401 else { return try await checked(response, request.description, isAccepted) }
        guard let authorization = try await authorization(response, request) else {
            return try await checked(response, request.description, isAccepted)
        }
        authorizations.withLock { $0[request.scopes] = authorization }
        return try await checked(try await exchange(request, authorization), request.description, isAccepted)
    }

    private func exchange(_ request: RemoteRequest, _ authorization: String?) async throws -> RemoteResponse {
        let url = request.target.hasPrefix("/") ? address.origin + request.target : request.target
        var message = HTTPClientRequest(url: url)
        message.method = request.method
        message.headers = request.headers
        message.headers.replaceOrAdd(name: "User-Agent", value: "longshore")
        let basic = usesBasicAlways ? address.credentials?.basic : nil
        let isOwn = url.hasPrefix(address.origin + "/")
        if !message.headers.contains(name: "Authorization"), isOwn, let value = authorization ?? basic {
            message.headers.add(name: "Authorization", value: value)
        }
        message.body = request.body?.make()
        return try await execute(message, to: address.origin, within: .hours(24))
    }

    private func execute(
        _ message: HTTPClientRequest,
        to origin: String,
        within limit: TimeAmount
    ) async throws -> RemoteResponse {
        do {
            let response = try await transport.client.execute(message, timeout: limit)
            return RemoteResponse(
                status: Int(response.status.code),
                headers: response.headers,
                body: response.body,
                origin: origin
            )
        } catch let error as CancellationError {
            throw error
        } catch {
            try Task.checkCancellation()
            throw RegistryFailure.unreachable(origin: origin, reason: ConnectionFault.reason(error))
        }
    }

    private func checked(
        _ response: RemoteResponse,
        _ what: String,
        _ isAccepted: (Int) -> Bool
    ) async throws -> RemoteResponse {
        if isAccepted(response.status) { return response }
        if response.status == 401 {
            throw RegistryFailure.unauthorised(origin: address.origin, what: what, remedy: address.loginRemedy)
        }
        // The text is optional: the status alone is enough.
        let text = (try? await response.collected(upTo: 64 << 10)).map { String(buffer: $0) } ?? ""
        throw RegistryFailure.refused(
            what: what,
            status: response.status,
            // An HTML page does not help an operator.
            message: text.hasPrefix("<") ? "" : String(text.prefix(300)).trimmingCharacters(in: .whitespacesAndNewlines)
        )
    }

    /// The `Authorization` value for a challenge; nil if there is none.
    private func authorization(_ response: RemoteResponse, _ request: RemoteRequest) async throws -> String? {
        for text in response.headers["WWW-Authenticate"] {
            let challenge = Challenge(parsing: text)
            switch challenge.scheme {
            case "basic": if let credentials = address.credentials { return credentials.basic }
            case "bearer": return try await bearer(challenge, request)
            default: continue
            }
        }
        return nil
    }

    /// Gets a token from the server named by the challenge; nil if it refuses the user.
    ///
    /// - Throws: ``RegistryFailure`` if the server is unreachable or fails temporarily.
    private func bearer(_ challenge: Challenge, _ request: RemoteRequest) async throws -> String? {
        guard let realm = challenge.parameters["realm"], var components = URLComponents(string: realm) else {
            return nil
        }
        var items = components.queryItems ?? []
        if let service = challenge.parameters["service"] { items.append(URLQueryItem(name: "service", value: service)) }
        let scopes = request.scopes.isEmpty ? [challenge.parameters["scope"]].compactMap(\.self) : request.scopes
        items += scopes.map { URLQueryItem(name: "scope", value: $0) }
        components.queryItems = items
        guard let url = components.string else { return nil }
        var tokenRequest = HTTPClientRequest(url: url)
        if let credentials = address.credentials {
            tokenRequest.headers.add(name: "Authorization", value: credentials.basic)
        }
        let origin = "\(components.scheme ?? "")://\(components.host ?? "")" + (components.port.map { ":\($0)" } ?? "")
        let response = try await execute(tokenRequest, to: origin, within: .seconds(60))
        // If the token server rejects the user, the registry's own refusal is reported.
        if (400..<500).contains(response.status), response.status != 429 { return nil }
        let what = RemoteRequest(.GET, realm).description
        let body = try await checked(response, what) { $0 == 200 }.collected(upTo: 1 << 20)
        let document = try? JSONValue(parsing: body.readableBytesView)
        guard let token = (document?["token"] ?? document?["access_token"])?.string else {
            throw RegistryFailure.malformedResponse(what: what)
        }
        return "Bearer \(token)"
    }
}
