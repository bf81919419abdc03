import HTTPTypes
import ImageModel
import NIOCore
import RegistryCore
import Storage

/// An entry of a v2 error body.
///
/// OCI Distribution Specification 1.1, "Error Codes".
struct V2Error: Equatable {
    let status: Int
    let code: String
    let message: String
    var detail: JSONValue = .null

    init(_ status: Int, _ code: String, _ message: String, detail: JSONValue = .null) {
        self.status = status
        self.code = code
        self.message = message
        self.detail = detail
    }

    /// The entries for a refusal or a failure: at least one.
    static func entries(for failure: RequestFailure) -> [V2Error] {
        switch failure {
        case .registry(.manifestBlobsUnknown(let digests)) where !digests.isEmpty:
            digests.map {
                V2Error(
                    400,
                    "MANIFEST_BLOB_UNKNOWN",
                    "the manifest refers to \($0), which is not in this repository",
                    detail: .object([JSONMember(key: "digest", value: .string($0.description))])
                )
            }
        case .registry(.malformedTags(let texts)) where !texts.isEmpty: texts.map { V2Error(.malformedTag($0)) }
        case .registry(let error): [V2Error(error)]
        case .access(let refusal): [V2Error(refusal)]
        case .method(let refusal):
            [V2Error(405, "UNSUPPORTED", "\(refusal.method.rawValue) is not supported here")]
        case .bodyTooLarge: [V2Error(413, "SIZE_INVALID", "the body is larger than this registry accepts")]
        case .bodyTooSlow: [V2Error(408, "UNKNOWN", "the body took too long to arrive")]
        case .connectionLost: [V2Error(400, "BLOB_UPLOAD_INVALID", "the connection ended before the body")]
        case .defect: [.unforeseen]
        }
    }

    private static let unforeseen = V2Error(500, "UNKNOWN", "internal error; see the registry's log")

    private init(_ error: RegistryError) {
        switch error {
        case .malformedName(let text): self.init(400, "NAME_INVALID", "'\(text)' is not a repository name")
        case .malformedDigest(let text): self.init(400, "DIGEST_INVALID", "'\(text)' is not a digest")
        case .malformedTags(let texts): self.init(400, "TAG_INVALID", "invalid tags: \(texts.joined(separator: ", "))")
        case .malformedTag(let text): self.init(400, "TAG_INVALID", "'\(text)' is not a tag")
        case .malformedImageID(let text): self.init(400, "NAME_INVALID", "'\(text)' is not an image id")
        case .malformedManifest(let reason): self.init(400, "MANIFEST_INVALID", "the manifest is invalid: \(reason)")
        case .unverifiedManifest(let reason):
            self.init(400, "MANIFEST_UNVERIFIED", "the manifest cannot be verified: \(reason)")
        case .malformedRange(let text): self.init(400, "BLOB_UPLOAD_INVALID", "'\(text)' is not a range of this body")
        case .malformedPageSize(let text):
            self.init(400, "PAGINATION_NUMBER_INVALID", "'\(text)' is not a number of results")
        case .pageTooLarge(let count, let limit):
            self.init(
                400,
                "PAGINATION_NUMBER_INVALID",
                "n=\(count) is too many: a page has at most \(limit) results (catalog.maxentries)"
            )
        case .manifestTooLarge(let limit):
            self.init(413, "MANIFEST_INVALID", "the manifest is larger than \(limit) bytes")
        case .documentTooLarge(let limit): self.init(413, "SIZE_INVALID", "the body is larger than \(limit) bytes")
        case .repositoryUnknown(let name): self.init(404, "NAME_UNKNOWN", "there is no repository \(name)")
        case .manifestUnknown(let reference, let reason):
            self.init(404, "MANIFEST_UNKNOWN", "there is no manifest \(reference)" + (reason.map { ": \($0)" } ?? ""))
        case .blobUnknown(let digest): self.init(404, "BLOB_UNKNOWN", "blob \(digest) is not in this repository")
        case .uploadUnknown(let id): self.init(404, "BLOB_UPLOAD_UNKNOWN", "there is no upload \(id)")
        case .tagUnknown(let tag): self.init(404, "MANIFEST_UNKNOWN", "there is no tag \(tag)")
        case .imageUnknown(let id): self.init(404, "MANIFEST_UNKNOWN", "there is no image \(id)")
        case .imagesUnknown(let repository): self.init(404, "NAME_UNKNOWN", "there is no repository \(repository)")
        case .layerUnknown(let id): self.init(404, "BLOB_UNKNOWN", "image \(id) has no layer")
        case .digestMismatch(let expected, let actual):
            self.init(400, "DIGEST_INVALID", "the content has the digest \(actual), not \(expected)")
        case .manifestBlobsUnknown: self.init(400, "MANIFEST_BLOB_UNKNOWN", "the manifest refers to missing content")
        case .uploadOutOfOrder(let count):
            self.init(416, "BLOB_UPLOAD_INVALID", "the upload has \(count) bytes; the next chunk begins there")
        case .uploadInvalid(let reason): self.init(400, "BLOB_UPLOAD_INVALID", reason)
        case .uploadBusy: self.init(416, "BLOB_UPLOAD_INVALID", "another request is writing to this upload")
        case .rangeUnsatisfiable(let count): self.init(416, "RANGE_INVALID", "the content has \(count) bytes")
        case .preconditionFailed(let tag, let current):
            self.init(412, "DENIED", "the tag \(tag) points to \(Self.name(of: current))")
        case .tagImmutable(let tag, let rule):
            self.init(412, "DENIED", "the tag \(tag) is immutable by the rule \(rule)")
        case .imageInProgress(let id): self.init(404, "MANIFEST_UNKNOWN", "image \(id) is being uploaded")
        case .unsupported(let reason): self.init(405, "UNSUPPORTED", reason)
        case .readOnly: self.init(405, "UNSUPPORTED", "this registry is read-only")
        case .unavailable(let reason): self.init(503, "UNAVAILABLE", reason)
        case .v1: self.init(400, "UNSUPPORTED", "this error belongs to the v1 protocol")
        case .storage(let failure): self.init(failure)
        case .cancelled, .foreign: self = .unforeseen
        }
    }

    /// What the tag points to, for the 412 message.
    private static func name(of tag: TagJoin) -> String {
        switch tag {
        case .absent: "nothing"
        case .manifest(let digest): digest.description
        case .image(let image): "the v1 image \(image)"
        }
    }

    private init(_ refusal: AccessRefusal) {
        switch refusal {
        case .unauthenticated(_, let needs):
            self.init(401, "UNAUTHORIZED", "authentication required", detail: Self.detail(needs))
        case .denied(let needs):
            self.init(403, "DENIED", "requested access to the resource is denied", detail: Self.detail(needs))
        case .tooManyAttempts: self.init(429, "TOOMANYREQUESTS", "too many attempts to log in")
        }
    }

    /// The missing permissions, in registry:2's format.
    private static func detail(_ needs: [AccessNeed]) -> JSONValue {
        if needs.isEmpty { return .null }
        return .array(
            needs.map {
                .object([
                    JSONMember(key: "Type", value: .string("repository")), JSONMember(key: "Class", value: .string("")),
                    JSONMember(key: "Name", value: .string($0.repository)),
                    JSONMember(key: "Action", value: .string($0.action.rawValue)),
                ])
            }
        )
    }

    private init(_ failure: StorageError) {
        switch failure {
        case .absent, .unreachable, .failing, .unreadable, .tooLarge, .unusableRoot, .locked:
            self.init(503, "UNAVAILABLE", "temporarily unable to read this content; see the registry's log")
        case .unwritable, .changed, .expired:
            self.init(503, "UNAVAILABLE", "temporarily unable to write; see the registry's log")
        case .full: self.init(507, "UNAVAILABLE", "the registry's disk is full")
        case .readOnly: self.init(405, "UNSUPPORTED", "this registry is read-only")
        }
    }
}

extension RegistryResponse {
    /// The v2 response for a refusal or a failure.
    init(v2Failure failure: RequestFailure) {
        let entries = V2Error.entries(for: failure)
        let body = JSONValue.object([
            JSONMember(
                key: "errors",
                value: .array(
                    entries.map {
                        .object([
                            JSONMember(key: "code", value: .string($0.code)),
                            JSONMember(key: "message", value: .string($0.message)),
                            JSONMember(key: "detail", value: $0.detail),
                        ])
                    }
                )
            )
        ])
        self.init(v2Status: entries.first?.status ?? 500, json: body)
        switch failure {
        case .method(let refusal):
            headers[.allow] = (refusal.allowed + [.options]).map(\.rawValue).joined(separator: ", ")
        case .access(.unauthenticated(let challenge, _)): headers[.wwwAuthenticate] = challenge.header
        case .registry(.unavailable), .access(.tooManyAttempts): headers[.retryAfter] = "5"
        case .registry(.rangeUnsatisfiable(let count)): headers[.contentRange] = "bytes */\(count)"
        case .registry(.uploadOutOfOrder(let count)), .registry(.uploadBusy(let count)):
            headers[.range] = UploadRange.header(byteCount: count)
        default: break
        }
    }

    /// A v2 response with a JSON body.
    init(v2Status status: Int, json: JSONValue) {
        self.init(.init(code: status), body: .bytes(ByteBuffer(bytes: json.compactEncoded())))
        headers[.contentType] = MediaType.json.description
        headers[.distributionAPIVersion] = "registry/2.0"
    }

    /// A v2 response without a body.
    init(v2Status status: Int) {
        self.init(.init(code: status))
        headers[.distributionAPIVersion] = "registry/2.0"
    }
}

/// The `Range` header of an upload's progress.
enum UploadRange {
    /// `0-N`, where N is the last byte received; `0-0` for none, as in the specification.
    static func header(byteCount: Int64) -> String { "0-\(max(0, byteCount - 1))" }
}
