/// Encryption of connections: `http.tls`.
package struct EncryptionPolicy: Sendable {
    /// The response to unencrypted requests.
    package enum PlainRequests: String, Sendable {
        /// A normal response.
        case allow
        /// A redirect to the same URL with `https`.
        case redirect
        /// An error that explains the problem.
        case refuse
    }

    /// TLS versions, by registry:2's names.
    package enum Version: String, Sendable {
        case tls10 = "tls1.0"
        case tls11 = "tls1.1"
        case tls12 = "tls1.2"
        case tls13 = "tls1.3"
    }

    /// The PEM file with the server's certificate, followed by its chain.
    package var certificatePath: String
    /// The PEM file with the certificate's private key, without a passphrase.
    package var keyPath: String
    /// PEM files with authorities for client certificates. If there are any, clients without a certificate of theirs
    /// cannot connect.
    package var clientAuthorityPaths: [String] = []
    /// The minimum version. Nil for TLS 1.2, or 1.0 with old clients.
    package var minimumVersion: Version?
    /// The cipher suites up to TLS 1.2 by IANA name, in order of preference; empty for a secure default.
    package var cipherNames: [String] = []
    /// The response to unencrypted requests.
    package var plainRequests = PlainRequests.refuse
    /// Whether to also accept the cipher suites of clients before 2016: Go before 1.2 and Python with OpenSSL 0.9.8
    /// have no others.
    package var acceptsOldClients = false
    /// Whether to offer HTTP/2.
    package var offersHTTP2 = true

    package init(certificatePath: String, keyPath: String) {
        self.certificatePath = certificatePath
        self.keyPath = keyPath
    }

    /// Refuses unknown cipher suites, without opening a file.
    ///
    /// - Throws: ``UnusableCertificate``.
    package func validate() throws(UnusableCertificate) { _ = try CipherSuites(self) }
}
