import HTTPTypes

extension HTTPField.Name {
    /// A name that this program spells out.
    ///
    /// - Precondition: `name` is a legal header name.
    static func known(_ name: StaticString) -> HTTPField.Name {
        guard let field = HTTPField.Name("\(name)") else { preconditionFailure("\(name) is no header name") }
        return field
    }

    /// The protocol's version, on every response of v2.
    static let distributionAPIVersion = known("Docker-Distribution-Api-Version")
    /// The digest of what is answered.
    static let contentDigest = known("Docker-Content-Digest")
    /// The name of an upload.
    static let uploadUUID = known("Docker-Upload-UUID")
    /// The digest of the manifest that a pushed one refers to.
    static let ociSubject = known("OCI-Subject")
    /// The tags that a pushed manifest was given.
    static let ociTag = known("OCI-Tag")
    /// By what a list of referrers was filtered.
    static let ociFiltersApplied = known("OCI-Filters-Applied")
    /// What a proxy says of the client, by RFC 7239.
    static let forwarded = known("Forwarded")
    /// How clients reached the proxy before us.
    static let forwardedProto = known("X-Forwarded-Proto")
    /// Which host clients asked the proxy before us for.
    static let forwardedHost = known("X-Forwarded-Host")
    /// Whom a proxy speaks for.
    static let forwardedFor = known("X-Forwarded-For")
    /// Where the next page of a list is.
    static let link = known("Link")
    /// Old clients want it on every response of v1: Docker 0.9 refuses to talk without.
    static let registryVersion = known("X-Docker-Registry-Version")
    /// Whether this registry is its own index.
    static let registryStandalone = known("X-Docker-Registry-Standalone")
    /// The hosts that hold a repository's images.
    static let endpoints = known("X-Docker-Endpoints")
    /// What a client sends back to show that it was let in.
    static let dockerToken = known("X-Docker-Token")
    /// The size of an image's layer in bytes.
    static let dockerSize = known("X-Docker-Size")
    /// The checksum of an image's JSON and layer.
    static let payloadChecksum = known("X-Docker-Checksum-Payload")
}
