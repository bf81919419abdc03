import HTTPTypes
import ImageModel
import NIOCore
import RegistryCore
import Storage

/// The v1 form of an error: a status and the text of `{"error": …}`.
///
/// Observed: docker-registry 0.9.1.
struct V1Error: Equatable {
    let status: Int
    let message: String

    init(_ status: Int, _ message: String) {
        self.status = status
        self.message = message
    }

    init(_ failure: RequestFailure) {
        switch failure {
        case .registry(let error): self.init(error)
        case .access(let refusal): self.init(refusal)
        case .method: self.init(405, "This method is not supported here")
        case .bodyTooLarge: self.init(413, "Request body is too large")
        case .bodyTooSlow: self.init(408, "Request body took too long to arrive")
        case .connectionLost: self.init(400, "The connection ended before the body")
        case .defect: self = .unforeseen
        }
    }

    private static let unforeseen = V1Error(500, "Internal server error; see the registry's log")

    private init(_ error: RegistryError) {
        switch error {
        case .malformedImageID: self.init(404, "Invalid image ID")
        case .imageUnknown, .layerUnknown: self.init(404, "Image not found")
        case .imageInProgress: self.init(400, "Image is being uploaded, retry later")
        case .repositoryUnknown: self.init(404, "Repository not found")
        case .imagesUnknown: self.init(404, "images not found")
        case .tagUnknown, .manifestUnknown: self.init(404, "Tag not found")
        case .malformedName, .malformedTag, .malformedTags, .malformedDigest, .malformedManifest, .unverifiedManifest,
            .malformedRange, .malformedPageSize, .pageTooLarge, .digestMismatch, .manifestBlobsUnknown, .uploadInvalid:
            self.init(400, "Invalid data")
        case .blobUnknown, .uploadUnknown: self.init(404, "Image not found")
        case .manifestTooLarge, .documentTooLarge: self.init(413, "Request body is too large")
        case .uploadOutOfOrder, .uploadBusy, .rangeUnsatisfiable: self.init(416, "Requested range not satisfiable")
        case .preconditionFailed: self.init(412, "The tag has changed")
        case .tagImmutable(let tag, let rule): self.init(409, "Tag \(tag) is immutable by the rule \(rule)")
        case .unsupported(let reason): self.init(405, reason)
        case .readOnly: self.init(405, "This registry is read-only")
        case .unavailable(let reason): self.init(503, reason)
        case .v1(let refusal): self.init(refusal)
        case .storage(let failure): self.init(failure)
        case .cancelled, .foreign: self = .unforeseen
        }
    }

    private init(_ refusal: AccessRefusal) {
        switch refusal {
        case .unauthenticated: self.init(401, "Requires authorization")
        case .denied: self.init(403, "Access denied")
        case .tooManyAttempts: self.init(429, "Too many attempts to log in")
        }
    }

    private init(_ refusal: V1Refusal) {
        switch refusal {
        case .undecodableBody: self.init(400, "Error Decoding JSON")
        case .unexpectedBody: self.init(400, "Invalid data")
        case .malformedImageJSON: self.init(400, "Invalid JSON")
        case .imageIDMissing: self.init(400, "Missing key `id' in JSON")
        case .imageIDMismatch: self.init(400, "JSON data contains invalid id")
        case .parentUnknown: self.init(400, "Image depends on a non existing parent")
        case .imageExists: self.init(409, "Image already exists")
        case .checksumNotExpected: self.init(409, "Cannot set this image checksum")
        case .checksumHeaderMissing:
            self.init(
                412,
                "X-Docker-Checksum-Payload not set.  If you are using the Docker daemon, "
                    + "you should upgrade to version 0.10 or later"
            )
        case .checksumEmpty: self.init(400, "Missing Image's checksum")
        case .checksumMismatch: self.init(400, "Checksum mismatch")
        case .taggedImageUnknown: self.init(404, "Image not found")
        case .tagToDeleteUnknown(let tag): self.init(404, "Tag not found: \(tag)")
        case .layerUnreadable: self.init(400, "Layer format not supported")
        case .layerUnlistable(_, let reason): self.init(400, "Files cannot be listed: \(reason)")
        case .diffUnavailable: self.init(400, "Diff queue is disabled")
        }
    }

    private init(_ failure: StorageError) {
        switch failure {
        case .absent, .unreachable, .failing, .unreadable, .tooLarge, .unusableRoot, .locked:
            self.init(503, "Temporarily unable to read this content; see the registry's log")
        case .unwritable, .changed, .expired: self.init(503, "Temporarily unable to write; see the registry's log")
        case .full: self.init(507, "The registry's disk is full")
        case .readOnly: self.init(405, "This registry is read-only")
        }
    }
}

extension RegistryResponse {
    /// The v1 response for a refusal or a failure.
    init(v1Failure failure: RequestFailure) {
        let error = V1Error(failure)
        let body = JSONValue.object([JSONMember(key: "error", value: .string(error.message))])
        self.init(v1Status: error.status, json: body)
        switch failure {
        case .registry(.unavailable), .access(.tooManyAttempts): headers[.retryAfter] = "5"
        case .access(.unauthenticated(let challenge, _)): headers[.wwwAuthenticate] = challenge.header
        default: break
        }
    }

    /// The redirect of the old server's framework to the path with a trailing slash.
    init(v1Redirect location: String) {
        let target = Self.escaped(location)
        let page =
            "<!DOCTYPE HTML PUBLIC \"-//W3C//DTD HTML 3.2 Final//EN\">\n<title>Redirecting...</title>\n"
            + "<h1>Redirecting...</h1>\n<p>You should be redirected automatically to target URL: "
            + "<a href=\"\(target)\">\(target)</a>.  If not click the link."
        self.init(.movedPermanently, headers: V1Headers.ofEveryAnswer, body: .bytes(ByteBuffer(string: page)))
        headers[.contentType] = "text/html; charset=utf-8"
        headers[.location] = location
    }

    private static func escaped(_ text: String) -> String {
        text.reduce(into: "") { result, character in
            switch character {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            default: result.append(character)
            }
        }
    }

    /// An error page of the old server's framework: no such route, or a method that the route does not support.
    init(v1Page status: HTTPResponse.Status, allow methods: [HTTPRequest.Method] = []) {
        let title = "\(status.code) \(status.reasonPhrase)"
        let page =
            "<!DOCTYPE HTML PUBLIC \"-//W3C//DTD HTML 3.2 Final//EN\">\n<title>\(title)</title>\n<h1>\(title)</h1>\n"
        self.init(status, headers: V1Headers.ofEveryAnswer, body: .bytes(ByteBuffer(string: page)))
        headers[.contentType] = "text/html"
        if !methods.isEmpty { headers[.allow] = methods.map(\.rawValue).joined(separator: ", ") }
    }
}
