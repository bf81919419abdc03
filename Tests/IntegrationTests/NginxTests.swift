import Foundation
import Testing

extension Integration {
    @Suite("behind nginx", .needs("nginx", "htpasswd", "curl", "skopeo")) struct NginxTests {
        @Test("images are pushed and pulled with nginx's users, and URLs are nginx's")
        func pushAndPull() async throws {
            try await withProxy { host, certificate, directory in
                let tree = try await GoldenTree("centos6-like", in: directory)
                try await withLongshore(serving: tree.path) { source in
                    let image = "docker://\(source.host)/centos:app"
                    let refused = try await Skopeo.copy(image, "docker://\(host)/team/app:1")
                    #expect(refused.status != 0)
                    let login = ["--dest-creds", "testuser:testpassword"]
                    _ = try await Skopeo.copy(image, "docker://\(host)/team/app:1", login).succeeded()
                }
                let pulled = directory.path("pulled")
                let login = ["--src-creds", "testuser:testpassword"]
                _ = try await Skopeo.copy("docker://\(host)/team/app:1", "dir:\(pulled)", login).succeeded()
                let user = certificate.trusted + ["-u", "testuser:testpassword"]
                let catalogue = try await Curl.request("https://\(host)/v2/_catalog", user)
                #expect(catalogue.text == #"{"repositories":["team/app"]}"#)
                let upload = try await Curl.request(
                    "https://\(host)/v2/team/app/blobs/uploads/",
                    user + ["-X", "POST"]
                )
                #expect(upload.status == 202)
                #expect(upload.headers["location"]?.hasPrefix("https://\(host)/v2/team/app/blobs/uploads/") == true)
            }
        }

        @Test(
            "both protocols are protected, and Docker may probe the registry before it logs in",
            arguments: [
                ("/v2/", 401), ("/v2/_catalog", 401), ("/v1/search", 401), ("/v1/repositories/library/a/tags", 401),
                ("/v1/_ping", 200), ("/_ping", 200),
            ]
        )
        func guarded(path: String, status: Int) async throws {
            try await withProxy { host, certificate, _ in
                let anonymous = try await Curl.request("https://\(host)\(path)", certificate.trusted)
                #expect(anonymous.status == status)
                if path.hasPrefix("/v2/") {
                    #expect(anonymous.headers["docker-distribution-api-version"] == "registry/2.0")
                }
                let user = certificate.trusted + ["-u", "testuser:testpassword"]
                let answer = try await Curl.request("https://\(host)\(path)", user)
                #expect(answer.status == (path.hasSuffix("/tags") ? 404 : 200))
                let wrong = certificate.trusted + ["-u", "testuser:wrong"]
                #expect(try await Curl.request("https://\(host)\(path)", wrong).status == status)
            }
        }

        @Test("an upload of any size passes without being buffered on the way, and comes back complete")
        func largeUpload() async throws {
            let byteCount = Requirement.isFull ? 10_500_000_000 : 200_000_000
            try await withProxy { host, certificate, directory in
                let user = certificate.trusted + ["-u", "testuser:testpassword"]
                let digest = try await sha256(of: "head -c \(byteCount) /dev/zero")
                let begun = try await Curl.request("https://\(host)/v2/a/blobs/uploads/", user + ["-X", "POST"])
                let location = try #require(begun.headers["location"])
                // Hold the end back until what was sent before it has passed nginx.
                let end = directory.path("end")
                _ = try await Program("mkfifo").run([end]).succeeded()
                let sent = try RunningProgram(
                    Program("bash"),
                    [
                        "-c",
                        "{ head -c \(byteCount) /dev/zero; cat '\(end)'; } | curl -sS --http1.1 -o /dev/null "
                            + "-w '%{http_code}' -T - -H 'Expect:' --cacert '\(certificate.authority)' "
                            + "-u testuser:testpassword '\(location)&digest=\(digest)'",
                    ]
                )
                defer { sent.discard() }
                let uploads = directory.path("registry/docker/registry/v2/repositories/a/_uploads")
                try await sent.waitUntil(timeLimit: .seconds(Requirement.isFull ? 1200 : 60)) {
                    guard FileManager.default.fileExists(atPath: uploads) else { return false }
                    let files = try FileManager.default.subpathsOfDirectory(atPath: uploads)
                    let sizes = try files.map {
                        try FileManager.default.attributesOfItem(atPath: "\(uploads)/\($0)")[.size]
                    }
                    return sizes.compactMap { $0 as? Int }.reduce(0, +) > byteCount * 9 / 10
                }
                try FileHandle(forWritingTo: URL(filePath: end)).close()
                try await sent.waitUntilExit(timeLimit: .seconds(600))
                #expect(try sent.result.succeeded().text == "201")
                let url = "https://\(host)/v2/a/blobs/\(digest)"
                let curl = "curl -sSf --cacert '\(certificate.authority)' -u testuser:testpassword"
                #expect(try await sha256(of: "\(curl) '\(url)'") == digest)
            }
        }

        @Test("a site that serves only v2 keeps v1 clients out")
        func v2Only() async throws {
            let sample = try Nginx.sample.replacing("location ~ ^/(v1|v2)/", with: "location /v2/")
                .replacing(#/ *location ~ \^/\(v1/\)\?_ping\$ \{[^}]*\}/#, with: "")
            try await withProxy(sample) { host, certificate, _ in
                let user = certificate.trusted + ["-u", "testuser:testpassword"]
                for (path, status) in [("/v2/", 200), ("/v1/search", 404)] {
                    let answer = try await Curl.request("https://\(host)\(path)", user)
                    #expect(answer.status == status)
                }
            }
        }

        /// Runs the README's sample, with a user `testuser` whose password is `testpassword`.
        private func withProxy(
            _ sample: String? = nil,
            _ body: (_ host: String, _ certificate: TestCertificate, _ directory: TemporaryDirectory) async throws ->
                Void
        ) async throws {
            let sample = try sample ?? Nginx.sample
            try await withTemporaryDirectory { directory in
                let certificate = try await TestCertificate(in: directory.path("certs"))
                let users = directory.path("htpasswd")
                _ = try await Program("htpasswd").run(["-cb", users, "testuser", "testpassword"]).succeeded()
                #expect(try String(contentsOfFile: users, encoding: .utf8).hasPrefix("testuser:$apr1$"))
                try await withLongshore(serving: directory.path("registry")) { server in
                    let port = try FreePort.find()
                    let site = sample.replacing("listen 443", with: "listen 127.0.0.1:\(port)")
                        .replacing("127.0.0.1:5000", with: server.host)
                        .replacing("/etc/nginx/registry.crt", with: certificate.certificate)
                        .replacing("/etc/nginx/registry.key", with: certificate.key)
                        .replacing("/etc/nginx/registry.htpasswd", with: users)
                    try await Nginx.run(site, port: port, in: directory) {
                        try await body("127.0.0.1:\(port)", certificate, directory)
                    }
                }
            }
        }
    }
}
