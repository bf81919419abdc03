import NIOHTTP2
import NIOSSL
import Storage
import Synchronization

/// The TLS configuration of the server: its certificate and key, and the policy.
///
/// New connections use what was loaded last; open ones keep what they started with.
package final class Encryption: Sendable {
    private let current: Mutex<State>

    private struct State {
        let policy: EncryptionPolicy
        let context: NIOSSLContext
    }

    /// Loads the files. This blocks.
    ///
    /// - Throws: ``UnusableCertificate``.
    package init(_ policy: EncryptionPolicy) throws(UnusableCertificate) {
        self.current = Mutex(State(policy: policy, context: try Self.load(policy)))
    }

    /// The policy in effect.
    package var policy: EncryptionPolicy { current.withLock { $0.policy } }

    /// Replaces the policy, or reloads the files of the same one. This blocks. On failure nothing changes.
    ///
    /// - Throws: ``UnusableCertificate``.
    package func replace(with policy: EncryptionPolicy) throws(UnusableCertificate) {
        let next = State(policy: policy, context: try Self.load(policy))
        current.withLock { $0 = next }
    }

    /// A handler for the next connection.
    func handler() -> NIOSSLServerHandler { NIOSSLServerHandler(context: current.withLock { $0.context }) }

    private static func load(_ policy: EncryptionPolicy) throws(UnusableCertificate) -> NIOSSLContext {
        let chain = try reading(policy.certificatePath, "a certificate") { try NIOSSLCertificate.fromPEMFile($0) }
        let key = try reading(policy.keyPath, "a private key") { try NIOSSLPrivateKey(file: $0, format: .pem) }
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) },
            privateKey: .privateKey(key)
        )
        let lowest: EncryptionPolicy.Version = policy.minimumVersion ?? (policy.acceptsOldClients ? .tls10 : .tls12)
        configuration.minimumTLSVersion = lowest.forSSL
        configuration.cipherSuiteValues = try CipherSuites(policy).values
        configuration.applicationProtocols = policy.offersHTTP2 ? NIOHTTP2SupportedALPNProtocols : ["http/1.1"]
        if !policy.clientAuthorityPaths.isEmpty {
            var authorities: [NIOSSLCertificate] = []
            for path in policy.clientAuthorityPaths {
                authorities += try reading(path, "certificates") { try NIOSSLCertificate.fromPEMFile($0) }
            }
            configuration.trustRoots = .certificates(authorities)
            configuration.certificateVerification = .noHostnameVerification
            configuration.sendCANameList = true
        }
        do {
            return try NIOSSLContext(configuration: configuration)
        } catch {
            throw UnusableCertificate(
                path: policy.certificatePath,
                reason: "cannot be used with \(policy.keyPath): the certificate is for another key, or not supported"
            )
        }
    }

    /// - Parameter content: What the file should contain.
    private static func reading<Value>(
        _ path: String,
        _ content: String,
        _ read: (String) throws -> Value
    ) throws(UnusableCertificate) -> Value {
        do { _ = try LocalFile.read(path) } catch { throw UnusableCertificate(error) }
        do { return try read(path) } catch {
            throw UnusableCertificate(path: path, reason: "does not contain \(content) in PEM")
        }
    }
}

/// A certificate, a key or a cipher suite cannot be used.
package struct UnusableCertificate: Error, CustomStringConvertible {
    /// What is wrong, and with which file or setting.
    package let description: String

    /// - Parameters:
    ///   - path: The file or setting.
    ///   - reason: What is wrong with it, as the end of a sentence.
    init(path: String, reason: String) { description = "\(path) \(reason)" }

    init(_ error: UnreadableFile) { description = error.description }
}

extension EncryptionPolicy.Version {
    fileprivate var forSSL: TLSVersion {
        switch self {
        case .tls10: .tlsv1
        case .tls11: .tlsv11
        case .tls12: .tlsv12
        case .tls13: .tlsv13
        }
    }
}
