/// Encryption of connections: `http.tls`.
package struct TLSSettings: Hashable, Sendable {
    /// The response to unencrypted requests.
    package enum Plain: String, Sendable {
        /// A normal response.
        case allow
        /// A redirect to the same URL with `https`.
        case redirect
        /// An error that explains the problem.
        case refuse
    }

    /// The PEM file with the certificate, followed by its chain.
    package var certificate: String
    /// The PEM file with its private key.
    package var key: String
    /// The files of authorities for client certificates, which every client must have; empty to admit all clients.
    package var clientAuthorities: [String]
    /// The minimum version: `tls1.2`; nil for the profile's.
    package var minimumVersion: String?
    /// The cipher suites by their IANA names; empty for the profile's.
    package var cipherSuites: [String]
    /// The response to unencrypted requests.
    package var plain: Plain
    /// Whether to accept the protocols of Docker and Python before 2016.
    package var acceptsOldClients: Bool
    /// Whether to offer HTTP/2.
    package var offersHTTP2: Bool

    /// Nil without a certificate.
    init?(_ reader: ValueReader) {
        guard let certificate = reader.text("http.tls.certificate") else { return nil }
        self.certificate = certificate
        key = reader.text("http.tls.key") ?? ""
        clientAuthorities = reader.texts("http.tls.clientcas")
        minimumVersion = reader.word("http.tls.minimumtls")
        cipherSuites = reader.texts("http.tls.ciphersuites")
        plain = reader.word("http.tls.plain").flatMap(Plain.init(rawValue:)) ?? .refuse
        acceptsOldClients = reader.word("http.tls.profile") == "old"
        offersHTTP2 = !reader.flag("http.http2.disabled")
    }
}
