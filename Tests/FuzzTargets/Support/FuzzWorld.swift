import HTTPTypes
import ImageModel
import Logging
import NIOCore
import RegistryCore
import RegistryHTTP
import Storage
import SystemLibraries

/// An in-memory registry with a blob, a manifest and a tag, which responds like the server.
struct FuzzWorld {
    /// The only repository.
    static let repository = "team/app"
    /// The only blob: ten bytes.
    static let blob = Array("0123456789".utf8)
    /// The digest of ``blob``.
    static let digest = Digest(.sha256, of: blob)
    /// The only manifest, which has the tag `latest`.
    static let manifest = Array(
        """
        {"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":\
        {"mediaType":"application/vnd.oci.image.config.v1+json","digest":"\(digest)","size":10},"layers":[]}
        """.utf8
    )

    private let service: RegistryService
    private static let logger = Logger(label: "fuzzing") { _ in SwiftLogNoOpLogHandler() }

    /// - Parameter access: The access control; without it, everyone may do everything.
    init(access: AccessControl? = nil) async throws {
        let storage = MemoryStorage()
        let name = try RepositoryName(parsing: Self.repository)
        let digest = Digest(.sha256, of: Self.manifest)
        let link = ByteBuffer(string: digest.description)
        try await storage.write(ByteBuffer(bytes: Self.blob), to: V2Layout.blobData(Self.digest))
        try await storage.write(
            ByteBuffer(string: Self.digest.description),
            to: V2Layout.layerLink(Self.digest, in: name)
        )
        try await storage.write(ByteBuffer(bytes: Self.manifest), to: V2Layout.blobData(digest))
        try await storage.write(link, to: V2Layout.revisionLink(digest, in: name))
        try await storage.write(link, to: V2Layout.currentLink(try Tag(parsing: "latest"), in: name))
        let registry = Registry(
            storage: storage,
            isReadOnly: false,
            configuration: Registry.Configuration(conversionConcurrency: 1),
            logger: Self.logger
        )
        var settings = ServiceSettings()
        settings.allowsDeletes = true
        service = RegistryService(registry: registry, settings: settings, access: access, logger: Self.logger)
    }

    /// The access control for some settings.
    static func access(_ settings: AccessSettings) throws -> AccessControl {
        try AccessControl(settings, secret: Array("fuzzing".utf8), logger: logger)
    }

    /// Sends a request and returns its response.
    ///
    /// - Throws: ``FuzzFinding`` unless the response is well-formed and its body within the object's bounds.
    func response(
        _ method: HTTPRequest.Method,
        _ target: String,
        headers: HTTPFields = [:],
        body: [UInt8] = []
    ) async throws -> RegistryResponse {
        let request = RegistryRequest(
            method: method,
            target: target,
            headers: headers,
            body: RequestBody(ByteBuffer(bytes: body)),
            remoteAddress: "192.0.2.1"
        )
        let response = await service.respond(request)
        try require((200..<600).contains(response.status.code), "the status is a valid HTTP status")
        if case .object(let reader, let range) = response.body {
            let bounds = 0...reader.attributes.byteCount
            try require(
                bounds.contains(range.lowerBound) && bounds.contains(range.upperBound),
                "a body is within its object"
            )
        }
        return response
    }
}
