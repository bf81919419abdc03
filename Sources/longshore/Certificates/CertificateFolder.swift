import Foundation
import SystemLibraries

/// A directory with an authority and the certificates that it vouches for.
struct CertificateFolder {
    /// What was made, by its paths.
    struct Files {
        let certificate: String
        let key: String
        let authority: String
    }

    let path: String

    private static let authorityDays = 3650

    /// Makes a certificate, and the authority too where there is none.
    ///
    /// - Throws: ``ExistingCertificate`` when there is one of that name.
    func add(_ hosts: [CertificateHost], days: Int) throws -> Files {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        let name = hosts[0].description.map { $0 == "*" || $0 == ":" ? "_" : $0 }
        let files = Files(
            certificate: "\(path)/\(String(name)).crt",
            key: "\(path)/\(String(name)).key",
            authority: "\(path)/ca.crt"
        )
        for file in [files.certificate, files.key] where FileManager.default.fileExists(atPath: file) {
            throw ExistingCertificate(path: file)
        }
        let authority = try authority(files.authority)
        let key = try CertificateKey()
        let certificate = try Certificate.server(hosts, key, signedBy: authority, days: days)
        try write(try key.pem(), to: files.key, isSecret: true)
        try write(try certificate.pem() + authority.certificate.pem(), to: files.certificate)
        return files
    }

    /// The authority that is there, or a new one.
    private func authority(_ certificatePath: String) throws -> (certificate: Certificate, key: CertificateKey) {
        let keyPath = "\(path)/ca.key"
        if FileManager.default.fileExists(atPath: keyPath) || FileManager.default.fileExists(atPath: certificatePath) {
            return (try Certificate(pem: try read(certificatePath)), try CertificateKey(pem: try read(keyPath)))
        }
        let key = try CertificateKey()
        let name = "Longshore authority \(UUID().uuidString.prefix(8))"
        let certificate = try Certificate.authority(named: name, key, days: Self.authorityDays)
        try write(try key.pem(), to: keyPath, isSecret: true)
        try write(try certificate.pem(), to: certificatePath)
        return (certificate, key)
    }

    private func read(_ file: String) throws -> [UInt8] { Array(try Data(contentsOf: URL(filePath: file))) }

    private func write(_ bytes: [UInt8], to file: String, isSecret: Bool = false) throws {
        let attributes: [FileAttributeKey: Any] = [.posixPermissions: isSecret ? 0o600 : 0o644]
        guard FileManager.default.createFile(atPath: file, contents: Data(bytes), attributes: attributes) else {
            throw UnwritableFile(path: file)
        }
    }
}

/// A certificate is there already, and is not made anew over it.
struct ExistingCertificate: Error, CustomStringConvertible {
    let path: String

    var description: String { "\(path) is there already: move it away for a new one" }
}

/// A file could not be written.
struct UnwritableFile: Error, CustomStringConvertible {
    let path: String

    var description: String { "\(path) cannot be written" }
}
