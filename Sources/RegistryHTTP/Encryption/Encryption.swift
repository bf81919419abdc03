import NIOHTTP2
import NIOSSL
import Storage
import Synchronization

/// The server's part of encryption: its certificate and key, and what it agrees to.
///
/// New connections take what was loaded last; those that are open keep what they began with.
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

    /// What is agreed to.
    package var policy: EncryptionPolicy { current.withLock { $0.policy } }

    /// Puts another policy in force, or the same with what its files hold by now. This blocks. What was loaded stays when the
    /// files are of no use.
    ///
    /// - Throws: ``UnusableCertificate``.
    package func replace(with policy: EncryptionPolicy) throws(UnusableCertificate) {
        let next = State(policy: policy, context: try Self.load(policy))
        current.withLock { $0 = next }
    }

    /// What the next connection begins with.
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
                reason: "cannot be used with \(policy.keyPath): the certificate is for another key, or is not accepted"
            )
        }
    }

    /// - Parameter content: What the file should hold.
    private static func reading<Value>(
        _ path: String,
        _ content: String,
        _ read: (String) throws -> Value
    ) throws(UnusableCertificate) -> Value {
        do { _ = try LocalFile.read(path) } catch { throw UnusableCertificate(error) }
        do { return try read(path) } catch {
            throw UnusableCertificate(path: path, reason: "does not hold \(content) in PEM")
        }
    }
}

/// The error for a certificate, key or cipher that cannot be used.
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
