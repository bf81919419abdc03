/// How connections are encrypted: `http.tls`.
package struct EncryptionPolicy: Sendable {
    /// What a client gets that does not encrypt.
    package enum PlainRequests: String, Sendable {
        /// A response.
        case allow
        /// The address of the same with `https`.
        case redirect
        /// A refusal that says why.
        case refuse
    }

    /// The versions of TLS, by registry:2's names.
    package enum Version: String, Sendable {
        case tls10 = "tls1.0"
        case tls11 = "tls1.1"
        case tls12 = "tls1.2"
        case tls13 = "tls1.3"
    }

    /// A file of PEM: the server's certificate, and behind it those that lead to its authority.
    package var certificatePath: String
    /// A file of PEM: the certificate's private key, without a passphrase.
    package var keyPath: String
    /// Files of PEM: the authorities of clients. Where there are any, a client without a certificate of theirs gets no
    /// connection.
    package var clientAuthorityPaths: [String] = []
    /// The lowest version that is spoken. Nil is TLS 1.2, and 1.0 for old clients.
    package var minimumVersion: Version?
    /// The ciphers up to TLS 1.2, by IANA's names, the preferred one first; empty for those that are known to be sound.
    package var cipherNames: [String] = []
    /// What a client gets that does not encrypt.
    package var plainRequests = PlainRequests.refuse
    /// Whether the ciphers of clients before 2016 are accepted too: Go's before 1.2 and Python's with OpenSSL 0.9.8 know
    /// no others.
    package var acceptsOldClients = false
    /// Whether HTTP/2 is offered.
    package var offersHTTP2 = true

    package init(certificatePath: String, keyPath: String) {
        self.certificatePath = certificatePath
        self.keyPath = keyPath
    }

    /// Refuses ciphers that are not known, without opening a file.
    ///
    /// - Throws: ``UnusableCertificate``.
    package func validate() throws(UnusableCertificate) { _ = try CipherSuites(self) }
}
