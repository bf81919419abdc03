import RegistryHTTP
import SystemLibraries

/// Encryption with a test certificate.
enum TestEncryption {
    static func make() throws -> Encryption {
        let tree = try ScratchTree()
        let key = try CertificateKey()
        let certificate = try Certificate.authority(named: "A test", key, days: 1)
        try tree.write(String(decoding: certificate.pem(), as: UTF8.self), to: "certificate.pem")
        try tree.write(String(decoding: key.pem(), as: UTF8.self), to: "key.pem")
        return try Encryption(
            EncryptionPolicy(certificatePath: "\(tree.path)/certificate.pem", keyPath: "\(tree.path)/key.pem")
        )
    }
}
