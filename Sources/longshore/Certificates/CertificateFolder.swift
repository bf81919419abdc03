import Foundation
import Storage
import SystemLibraries

/// A directory with a certificate authority and the certificates it has signed.
struct CertificateFolder {
    /// The paths of a new certificate, its key and its authority.
    struct Files {
        let certificate: String
        let key: String
        let authority: String
    }

    let path: String

    private static let authorityDays = 3650

    /// Creates a certificate, and the authority if it does not exist yet.
    ///
    /// - Throws: ``ExistingCertificate`` when a certificate of that name exists.
    func add(_ hosts: [CertificateHost], days: Int) throws -> Files {
        do { try LocalFile.makeDirectory(path) } catch {
            throw UnmakeableDirectory(path: path, reason: error.reason)
        }
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

    /// The existing authority, or a new one.
    private func authority(_ certificatePath: String) throws -> (certificate: Certificate, key: CertificateKey) {
        let keyPath = "\(path)/ca.key"
        let isThere = [certificatePath, keyPath].map { FileManager.default.fileExists(atPath: $0) }
        guard isThere[0] == isThere[1] else {
            throw isThere[0]
                ? HalfAuthority(present: certificatePath, missing: keyPath)
                : HalfAuthority(present: keyPath, missing: certificatePath)
        }
        if isThere[0] {
            let certificate = try certificatePart(certificatePath, "certificate") { try Certificate(pem: $0) }
            return (certificate, try certificatePart(keyPath, "private key") { try CertificateKey(pem: $0) })
        }
        let key = try CertificateKey()
        let name = "Longshore authority \(UUID().uuidString.prefix(8))"
        let certificate = try Certificate.authority(named: name, key, days: Self.authorityDays)
        try write(try key.pem(), to: keyPath, isSecret: true)
        try write(try certificate.pem(), to: certificatePath)
        return (certificate, key)
    }

    private func certificatePart<Part>(_ file: String, _ name: String, _ parse: ([UInt8]) throws -> Part) throws -> Part
    {
        let bytes = try LocalFile.read(file)
        do { return try parse(bytes) } catch { throw MalformedAuthority(path: file, content: name) }
    }

    private func write(_ bytes: [UInt8], to file: String, isSecret: Bool = false) throws {
        try LocalFile.replace(file, with: bytes, mode: isSecret ? 0o600 : 0o644)
    }
}

/// A directory cannot be created.
struct UnmakeableDirectory: Error, CustomStringConvertible {
    let path: String
    let reason: String

    var description: String { "cannot create the directory \(path): \(reason)" }
}

/// An authority's certificate exists without its key, or the key without the certificate.
struct HalfAuthority: Error, CustomStringConvertible {
    let present: String
    let missing: String

    var description: String {
        "\(present) exists but \(missing) is missing: restore it to keep this authority, or move \(present) away "
            + "to create a new one"
    }
}

/// A file of an authority does not contain what it should.
struct MalformedAuthority: Error, CustomStringConvertible {
    let path: String
    let content: String

    var description: String { "\(path) does not contain a \(content) in PEM" }
}

/// A certificate exists already and is not overwritten.
struct ExistingCertificate: Error, CustomStringConvertible {
    let path: String

    var description: String { "\(path) already exists: move it away to create a new one" }
}
