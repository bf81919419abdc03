import Foundation
import Testing

extension Integration {
    /// Guides that people followed for ten years, command by command, with Longshore in the registry's place.
    @Suite("a guide") struct GuideTests {
        @Test(
            "of registry 2.0 behind nginx with a self-signed certificate and users of htpasswd -c",
            .needsRoot,
            .needs("nginx", "htpasswd", "openssl", "curl", "skopeo", "dockerd", "docker")
        )
        func nginx() async throws {
            try await withTemporaryDirectory { directory in
                // openssl req -newkey rsa:2048 -nodes -keyout domain.key -x509 -days 365 -out domain.crt
                let (certificate, key) = try await selfSigned(directory)
                // htpasswd -c docker-registry.htpasswd USERNAME
                let users = directory.path("docker-registry.htpasswd")
                _ = try await Program("htpasswd").run(["-cb", users, "testuser", "testpassword"]).succeeded()
                #expect(try String(contentsOfFile: users, encoding: .utf8).hasPrefix("testuser:$apr1$"))
                try await withLongshore(serving: directory.path("registry")) { server in
                    let port = try FreePort.find()
                    let site = Self.site(port, server.port, certificate: certificate, key: key, users: users)
                    try await Nginx.run(site, port: port, in: directory) {
                        let host = "127.0.0.1:\(port)"
                        let url = "https://\(host)/v2/"
                        #expect(try await Curl.request(url, ["--cacert", certificate]).status == 401)
                        let login = ["--cacert", certificate, "-u", "testuser:testpassword"]
                        #expect(try await Curl.request(url, login).text == "{}")
                        try await Engine.run(in: directory) { engine in
                            try await load("test-image", directory, into: engine)
                            let wrong = try await engine(
                                ["login", "-u", "testuser", "-p", "wrong", host],
                                environment: home(directory)
                            )
                            #expect(wrong.status != 0 && wrong.errorText.contains("401"))
                            let right = ["login", "-u", "testuser", "-p", "testpassword", host]
                            let greeting = try await engine(right, environment: home(directory)).succeeded()
                            #expect(greeting.text.contains("Login Succeeded"))
                            let image = "\(host)/test-image"
                            _ = try await engine(["tag", "test-image", image]).succeeded()
                            _ = try await engine(["push", image], environment: home(directory)).succeeded()
                            let catalogue = try await Curl.request("\(url)_catalog", login)
                            #expect(catalogue.text == #"{"repositories":["test-image"]}"#)
                            _ = try await engine(["rmi", image, "test-image"]).succeeded()
                            _ = try await engine(["pull", image], environment: home(directory)).succeeded()
                        }
                    }
                }
            }
        }

        @Test(
            "of registry:2 with a certificate and users, configured by variables",
            .needsRoot,
            .needs("htpasswd", "openssl", "curl", "skopeo", "dockerd", "docker")
        )
        func variables() async throws {
            try await withTemporaryDirectory { directory in
                let root = try directory.makeDirectory("registry")
                let (certificate, key) = try await selfSigned(directory)
                // docker run --entrypoint htpasswd registry:2 -Bbn testuser testpassword > auth/htpasswd
                let line = try await Program("htpasswd").run(["-Bbn", "testuser", "testpassword"]).succeeded()
                let environment = [
                    "REGISTRY_AUTH": "htpasswd", "REGISTRY_AUTH_HTPASSWD_REALM": "Registry Realm",
                    "REGISTRY_AUTH_HTPASSWD_PATH": try directory.write(line.output, to: "htpasswd"),
                    "REGISTRY_HTTP_ADDR": "127.0.0.1:0", "REGISTRY_HTTP_TLS_CERTIFICATE": certificate,
                    "REGISTRY_HTTP_TLS_KEY": key, "REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY": root,
                ]
                let server = try await LongshoreProcess(Program.longshore, ["serve"], environment: environment)
                defer { server.running.discard() }
                let catalogue = "https://\(server.host)/v2/_catalog"
                let refused = try await Curl.request(catalogue, ["--cacert", certificate])
                #expect(refused.status == 401)
                #expect(refused.headers["www-authenticate"] == #"Basic realm="Registry Realm""#)
                try await Engine.run(in: directory) { engine in
                    try await load("alpine", directory, into: engine)
                    let image = "\(server.host)/alpine-sh"
                    _ = try await engine(["tag", "alpine", image]).succeeded()
                    let denied = try await engine(["push", image], environment: home(directory))
                    #expect(denied.status != 0 && denied.errorText.contains("no basic auth credentials"))
                    let login = ["login", "-u", "testuser", "-p", "testpassword", server.host]
                    let greeting = try await engine(login, environment: home(directory)).succeeded()
                    #expect(greeting.text.contains("Login Succeeded"))
                    _ = try await engine(["push", image], environment: home(directory)).succeeded()
                    _ = try await engine(["rmi", image, "alpine"]).succeeded()
                    _ = try await engine(["pull", image], environment: home(directory)).succeeded()
                }
                let listed = try await Curl.request(
                    catalogue,
                    ["--cacert", certificate, "-u", "testuser:testpassword"]
                )
                #expect(listed.text == #"{"repositories":["alpine-sh"]}"#)
                #expect(try expectedFiles(of: "alpine-sh", "latest", in: root))
                try await server.running.stop()
            }
        }

        @Test("of registry:2, started with variables, and queried with curl", .needs("curl", "skopeo"))
        func catalogue() async throws {
            try await withTemporaryDirectory { directory in
                let root = try directory.makeDirectory("registry")
                let environment = [
                    "REGISTRY_HTTP_ADDR": "127.0.0.1:0", "REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY": root,
                ]
                let server = try await LongshoreProcess(Program.longshore, ["serve"], environment: environment)
                defer { server.running.discard() }
                #expect(try await Curl.request(server.url("/v2/_catalog")).text == #"{"repositories":[]}"#)
                try await push("ubuntu:latest", to: server.host, directory)
                #expect(try await Curl.request(server.url("/v2/_catalog")).text == #"{"repositories":["ubuntu"]}"#)
                let tags = try await Curl.request(server.url("/v2/ubuntu/tags/list")).text
                #expect(tags == #"{"name":"ubuntu","tags":["latest"]}"#)
                #expect(try expectedFiles(of: "ubuntu", "latest", in: root))
                try await server.running.stop()
            }
        }

        @Test(
            "of a daemon.json that lists the registry as insecure",
            .needsRoot,
            .needs("curl", "dockerd", "docker", "skopeo")
        )
        func insecureRegistry() async throws {
            try await withTemporaryDirectory { directory in
                let root = try directory.makeDirectory("registry")
                try await withLongshore(serving: root) { server in
                    let host = "localhost:\(server.port)"
                    let configuration = "{\"insecure-registries\": [\"\(host)\"]}"
                    try await Engine.run(in: directory, configuration: configuration) { engine in
                        try await load("alpine", directory, into: engine)
                        _ = try await engine(["tag", "alpine", "\(host)/alpine-sh"]).succeeded()
                        _ = try await engine(["push", "\(host)/alpine-sh"]).succeeded()
                        let catalogue = try await Curl.request("http://127.0.0.1:\(server.port)/v2/_catalog")
                        #expect(catalogue.text == #"{"repositories":["alpine-sh"]}"#)
                        let found = try await engine(["search", "\(host)/alpine"]).succeeded()
                        #expect(found.text.contains("alpine-sh"))
                        _ = try await engine(["rmi", "\(host)/alpine-sh", "alpine"]).succeeded()
                        _ = try await engine(["pull", "\(host)/alpine-sh"]).succeeded()
                        let images = try await engine(["images", "--format", "{{.Repository}}"]).succeeded()
                        #expect(images.text == "\(host)/alpine-sh\n")
                    }
                }
                #expect(try expectedFiles(of: "alpine-sh", "latest", in: root))
            }
        }

        @Test("of the first registry: search, push, look at the tree, delete", .needs("curl"))
        func v1() async throws {
            try await withTemporaryDirectory { directory in
                let root = directory.path("registry")
                let environment = ["STORAGE_PATH": root, "SEARCH_BACKEND": "sqlalchemy", "REGISTRY_HOST": "127.0.0.1"]
                let server = try await LongshoreProcess(
                    Program.longshore,
                    ["serve", "--address", "127.0.0.1:0"],
                    environment: environment
                )
                defer { server.running.discard() }
                // The first start of docker-registry with a search backend used to crash: its workers created one
                // database.
                let before = try await Curl.request(server.url("/v1/search"))
                #expect(before.text == #"{"num_results": 0, "query": "", "results": []}"#)
                for name in ["centos6", "ubuntu"] { try await V1Push(name, to: server).run() }
                let after = try await Curl.request(server.url("/v1/search"))
                let results = ["centos6", "ubuntu"].map { #"{"description": "", "name": "library/\#($0)"}"# }
                #expect(
                    after.text == #"{"num_results": 2, "query": "", "results": [\#(results.joined(separator: ", "))]}"#
                )
                let some = try await Curl.request(server.url("/v1/search?q=centos"))
                #expect(some.text == #"{"num_results": 1, "query": "centos", "results": [\#(results[0])]}"#)
                let files = try FileManager.default.contentsOfDirectory(atPath: "\(root)/repositories/library/centos6")
                #expect(files.sorted() == ["_index_images", "json", "tag_latest", "taglatest_json"])
                let tag = server.url("/v1/repositories/ubuntu/tags/latest")
                let deleted = try await Curl.request(tag, ["-X", "DELETE"])
                #expect(deleted.status == 200 && deleted.text == "true")
                #expect(try await Curl.request(tag).status == 404)
                let left = try FileManager.default.contentsOfDirectory(atPath: "\(root)/repositories/library/ubuntu")
                #expect(!left.contains("tag_latest"))
                let tags = try await Curl.request(server.url("/v2/centos6/tags/list"))
                #expect(tags.text == #"{"name":"centos6","tags":["latest"]}"#)
                try await server.running.stop()
            }
        }

        /// The site of the guide, which serves only v2 and refuses Docker before 1.6.
        private static func site(_ port: Int, _ upstream: Int, certificate: String, key: String, users: String)
            -> String
        {
            """
            upstream docker-registry { server 127.0.0.1:\(upstream); }
            server {
                listen 127.0.0.1:\(port);
                server_name myregistrydomain.test;
                ssl on;
                ssl_certificate \(certificate);
                ssl_certificate_key \(key);
                client_max_body_size 0;
                chunked_transfer_encoding on;
                location /v2/ {
                    if ($http_user_agent ~ "^(docker\\/1\\.(3|4|5(?!\\.[0-9]-dev))|Go ).*$" ) { return 404; }
                    auth_basic "registry.localhost";
                    auth_basic_user_file \(users);
                    add_header 'Docker-Distribution-Api-Version' 'registry/2.0' always;
                    proxy_pass http://docker-registry;
                    proxy_set_header Host $http_host;
                    proxy_set_header X-Real-IP $remote_addr;
                    proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
                    proxy_set_header X-Forwarded-Proto $scheme;
                    proxy_read_timeout 900;
                }
            }
            """
        }

        private func selfSigned(_ directory: TemporaryDirectory) async throws -> (certificate: String, key: String) {
            let (certificate, key) = (directory.path("domain.crt"), directory.path("domain.key"))
            let subject = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
            let arguments = ["req", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-x509", "-days", "365"]
            _ = try await Program("openssl").run(arguments + ["-out", certificate] + subject).succeeded()
            return (certificate, key)
        }

        /// The directory where an engine's client stores logins.
        private func home(_ directory: TemporaryDirectory) -> [String: String] {
            ["DOCKER_CONFIG": directory.path("docker-config")]
        }

        /// Loads an image into an engine, as `docker pull` would have.
        private func load(_ name: String, _ directory: TemporaryDirectory, into engine: Engine) async throws {
            let archive = directory.path("\(name).tar")
            let tree = try await GoldenTree.engines(in: directory)
            try await withLongshore(serving: tree) { source in
                let image = "docker://\(source.host)/golden/engine-191:latest"
                _ = try await Skopeo.copy(image, "docker-archive:\(archive):\(name):latest").succeeded()
            }
            _ = try await engine(["load", "-i", archive]).succeeded()
        }

        private func push(_ reference: String, to host: String, _ directory: TemporaryDirectory) async throws {
            let tree = try await GoldenTree("centos6-like", in: directory)
            try await withLongshore(serving: tree.path) { source in
                let image = "docker://\(source.host)/centos:app"
                _ = try await Skopeo.copy(image, "docker://\(host)/\(reference)").succeeded()
            }
        }

        /// Whether the files that the guides look at exist.
        private func expectedFiles(of repository: String, _ tag: String, in root: String) throws -> Bool {
            let link = "\(root)/docker/registry/v2/repositories/\(repository)/_manifests/tags/\(tag)/current/link"
            let digest = try String(contentsOfFile: link, encoding: .utf8)
            guard let file = try blobs(in: root)[digest] else { return false }
            return file.contains("/blobs/sha256/\(digest.dropFirst(7).prefix(2))/") && file.hasSuffix("/data")
        }
    }
}
