import Foundation

/// A certificate for `localhost` and `127.0.0.1`, made by `longshore cert`.
struct TestCertificate {
    let certificate: String
    let key: String
    let authority: String

    init(certificate: String, key: String, authority: String) {
        self.certificate = certificate
        self.key = key
        self.authority = authority
    }

    /// Creates it, and its authority, in a directory that may already contain an authority.
    init(in directory: String) async throws {
        _ = try await Program.longshore.run(["cert", "--host", "localhost", "127.0.0.1", "--directory", directory])
            .succeeded()
        certificate = "\(directory)/localhost.crt"
        key = "\(directory)/localhost.key"
        authority = "\(directory)/ca.crt"
    }

    /// A server configuration with this certificate, and more keys of `http.tls` and `http`.
    func configuration(root: String, tls: String = "", http: String = "") -> String {
        """
        version: 0.1
        storage: {filesystem: {rootdirectory: \(root)}}
        http:
          tls: {certificate: \(certificate), key: \(key)\(tls.isEmpty ? "" : ", \(tls)")}
          \(http)
        """
    }

    /// The options that make curl trust it.
    var trusted: [String] { ["--cacert", authority] }
}
