import Foundation

/// nginx in front of a registry, with a certificate that an authority of the test's own has signed.
struct NginxProxy {
    /// The authority's certificate.
    let authority: String
    let host: String

    /// Runs `body` while nginx passes on what it gets to `host`.
    static func with<Value>(
        passingTo host: String,
        in directory: TemporaryDirectory,
        _ body: (NginxProxy) async throws -> Value
    ) async throws -> Value {
        let certificate = try await TestCertificate(in: directory.path("proxy-certs"))
        let port = try FreePort.find()
        let site = """
            server {
                listen 127.0.0.1:\(port) ssl;
                ssl_certificate \(certificate.certificate);
                ssl_certificate_key \(certificate.key);
                client_max_body_size 0;
                location / {
                    proxy_pass http://\(host);
                    proxy_set_header Host $http_host;
                    proxy_set_header X-Forwarded-Proto https;
                }
            }
            """
        return try await Nginx.run(site, port: port, in: directory) {
            try await body(NginxProxy(authority: certificate.authority, host: "localhost:\(port)"))
        }
    }
}
