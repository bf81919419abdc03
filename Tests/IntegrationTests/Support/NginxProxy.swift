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
        let folder = try directory.makeDirectory("nginx")
        try await makeCertificates(in: folder)
        let port = try FreePort.find()
        let configuration = """
            daemon off;
            worker_processes 1;
            pid \(folder)/pid;
            error_log stderr notice;
            events {}
            http {
                access_log off;
                client_max_body_size 0;
                client_body_temp_path \(folder)/body;
                proxy_temp_path \(folder)/proxy;
                fastcgi_temp_path \(folder)/fastcgi;
                uwsgi_temp_path \(folder)/uwsgi;
                scgi_temp_path \(folder)/scgi;
                server {
                    listen 127.0.0.1:\(port) ssl;
                    ssl_certificate \(folder)/server.pem;
                    ssl_certificate_key \(folder)/server.key;
                    location / {
                        proxy_pass http://\(host);
                        proxy_set_header Host $http_host;
                        proxy_set_header X-Forwarded-Proto https;
                    }
                }
            }
            """
        let file = try directory.write(Data(configuration.utf8), to: "nginx/nginx.conf")
        let running = try RunningProgram(Program("nginx"), ["-c", file, "-p", folder, "-e", "stderr"])
        defer { running.discard() }
        _ = try await running.waitForOutput { $0.contains("start worker process") ? true : nil }
        let value = try await body(NginxProxy(authority: "\(folder)/authority.pem", host: "localhost:\(port)"))
        try await running.stop()
        return value
    }

    private static func makeCertificates(in folder: String) async throws {
        let openssl = try Program("openssl")
        let key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
        let authority = [
            "req", "-x509", "-days", "2", "-subj", "/CN=Test authority", "-keyout", "\(folder)/authority.key",
        ]
        _ = try await openssl.run(authority + key + ["-out", "\(folder)/authority.pem"]).succeeded()
        let request = ["req", "-subj", "/CN=localhost", "-keyout", "\(folder)/server.key", "-out", "\(folder)/request"]
        _ = try await openssl.run(request + key).succeeded()
        try Data("subjectAltName=DNS:localhost".utf8).write(to: URL(filePath: "\(folder)/names"))
        _ = try await openssl.run([
            "x509", "-req", "-days", "2", "-in", "\(folder)/request", "-CA", "\(folder)/authority.pem", "-CAkey",
            "\(folder)/authority.key", "-CAcreateserial", "-extfile", "\(folder)/names", "-out", "\(folder)/server.pem",
        ]).succeeded()
    }
}
