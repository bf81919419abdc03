import Foundation
import Storage
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

    /// The authority that is there, or a new one.
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

/// A directory cannot be made.
struct UnmakeableDirectory: Error, CustomStringConvertible {
    let path: String
    let reason: String

    var description: String { "the directory \(path) cannot be made: \(reason)" }
}

/// Of an authority there is the certificate or the key alone.
struct HalfAuthority: Error, CustomStringConvertible {
    let present: String
    let missing: String

    var description: String {
        "\(present) is there and \(missing) is not: put it back to sign with the same authority, or move \(present) away "
            + "for a new one"
    }
}

/// A file of an authority holds something else.
struct MalformedAuthority: Error, CustomStringConvertible {
    let path: String
    let content: String

    var description: String { "\(path) does not hold a \(content) in PEM" }
}

/// A certificate is there already, and is not made anew over it.
struct ExistingCertificate: Error, CustomStringConvertible {
    let path: String

    var description: String { "\(path) is there already: move it away for a new one" }
}
