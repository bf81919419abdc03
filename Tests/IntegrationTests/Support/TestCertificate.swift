import Foundation

/// A certificate for `localhost` and `127.0.0.1`, made by `longshore cert`.
struct TestCertificate {
    let certificate: String
    let key: String
    let authority: String

    /// Makes it, and its authority, in a directory that may hold an authority already.
    init(in directory: String) async throws {
        _ = try await Program.longshore.run(["cert", "--host", "localhost", "127.0.0.1", "--directory", directory])
            .succeeded()
        certificate = "\(directory)/localhost.crt"
        key = "\(directory)/localhost.key"
        authority = "\(directory)/ca.crt"
    }

    /// `http.tls` of a configuration, with further keys.
    func section(_ others: String = "") -> String {
        "tls: {certificate: \(certificate), key: \(key)\(others.isEmpty ? "" : ", \(others)")}"
    }

    /// What makes curl trust it.
    var trusted: [String] { ["--cacert", authority] }
}
