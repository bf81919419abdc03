/// How connections are encrypted: `http.tls`.
package struct TLSSettings: Hashable, Sendable {
    /// What a client gets that does not encrypt.
    package enum Plain: String, Sendable {
        /// A response.
        case allow
        /// The address of the same with `https`.
        case redirect
        /// A refusal that says why.
        case refuse
    }

    /// The file of the certificate, with those that lead to its authority behind it, as PEM.
    package var certificate: String
    /// The file of its private key, as PEM.
    package var key: String
    /// The files of the authorities of which every client must show a certificate; empty to let all in.
    package var clientAuthorities: [String]
    /// The lowest version: `tls1.2`; nil for the profile's.
    package var minimumVersion: String?
    /// The ciphers by their IANA names; empty for the profile's.
    package var cipherSuites: [String]
    /// What a client gets that does not encrypt.
    package var plain: Plain
    /// Whether what Docker and Python before 2016 speak is spoken too.
    package var acceptsOldClients: Bool
    /// Whether HTTP/2 is spoken.
    package var offersHTTP2: Bool

    /// Nil when there is no certificate.
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
