import HTTPTypes

extension HTTPField.Name {
    /// A header name from a literal.
    ///
    /// - Precondition: `name` is a valid header name.
    static func known(_ name: StaticString) -> HTTPField.Name {
        guard let field = HTTPField.Name("\(name)") else { preconditionFailure("\(name) is not a valid header name") }
        return field
    }

    /// The protocol version, on every v2 response.
    static let distributionAPIVersion = known("Docker-Distribution-Api-Version")
    /// The digest of the content in the response.
    static let contentDigest = known("Docker-Content-Digest")
    /// The id of an upload.
    static let uploadUUID = known("Docker-Upload-UUID")
    /// The digest of the pushed manifest's subject.
    static let ociSubject = known("OCI-Subject")
    /// The tags that a pushed manifest was given.
    static let ociTag = known("OCI-Tag")
    /// The filter applied to a list of referrers.
    static let ociFiltersApplied = known("OCI-Filters-Applied")
    /// A proxy's report about the client, RFC 7239.
    static let forwarded = known("Forwarded")
    /// The scheme that clients used to reach the proxy.
    static let forwardedProto = known("X-Forwarded-Proto")
    /// The host that clients requested from the proxy.
    static let forwardedHost = known("X-Forwarded-Host")
    /// The client's address as seen by the proxy.
    static let forwardedFor = known("X-Forwarded-For")
    /// The name of a request, given by the client or by a proxy.
    static let requestID = known("X-Request-Id")
    /// The location of the next page of a list.
    static let link = known("Link")
    /// Required by old clients on every v1 response: Docker 0.9 refuses to work without it.
    static let registryVersion = known("X-Docker-Registry-Version")
    /// Whether this registry is its own index.
    static let registryStandalone = known("X-Docker-Registry-Standalone")
    /// The hosts that serve a repository's images.
    static let endpoints = known("X-Docker-Endpoints")
    /// The token that a client sends back to prove its login.
    static let dockerToken = known("X-Docker-Token")
    /// The size of an image's layer in bytes.
    static let dockerSize = known("X-Docker-Size")
    /// The checksum of an image's JSON and layer.
    static let payloadChecksum = known("X-Docker-Checksum-Payload")
}
