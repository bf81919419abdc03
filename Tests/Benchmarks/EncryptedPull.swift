import Foundation

/// Measures pulls of a large blob over TLS against nginx serving the same file, alternating.
struct EncryptedPull {
    private let directory: URL
    private let byteCount: Int
    private let longshore = ServerProcess.longshoreProgram

    init(in directory: URL, _ scale: Scale) {
        self.directory = directory
        byteCount = scale.largeByteCount
    }

    /// Prints the rates.
    ///
    /// - Throws: ``MissingProgram`` when nginx is not installed.
    func run() throws {
        try MissingProgram.require("/usr/sbin/nginx")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        _ = try output(
            "/bin/sh",
            ["-c", "'\(longshore)' cert --host localhost 127.0.0.1 --directory '\(path("certs"))'"]
        )
        _ = try output("/bin/sh", ["-c", "head -c \(byteCount) /dev/urandom > '\(path("blob"))'"])
        let digest = "sha256:" + (try output("/usr/bin/sha256sum", [path("blob")]).prefix(64))
        let ports = (try ServerProcess.freePort(), try ServerProcess.freePort())
        let servers = [try startLongshore(ports.0), try startNginx(ports.1)]
        defer {
            for server in servers {
                server.terminate()
                server.waitUntilExit()
            }
        }
        for port in [ports.0, ports.1] { try ServerProcess.waitUntilItListens(on: port) }
        let ours = "https://localhost:\(ports.0)/v2/bench/blobs/"
        try upload(digest, to: "\(ours)uploads/")
        for version in ["--http1.1", "--http2"] {
            var rates: (ours: [Double], nginx: [Double]) = ([], [])
            for _ in 0..<Self.roundCount {
                rates.ours.append(try curl([version, "\(ours)\(digest)"]))
                rates.nginx.append(try curl([version, "https://localhost:\(ports.1)/blob"]))
            }
            let medians = (rates.ours.median / 1e6, rates.nginx.median / 1e6)
            let verdict = Goals.verdict(medians.0 >= medians.1)
            let figures = String(format: "%10.0f MB/s %10.0f MB/s %7.2fx", medians.0, medians.1, medians.0 / medians.1)
            print("large pull, TLS \(version), nginx  \(figures)  (1.0x \(verdict))")
        }
    }

    private static let roundCount = 11

    /// Pushes the blob as a stream: curl would load a large one into memory.
    private func upload(_ digest: String, to uploads: String) throws {
        let trust = ["-sSf", "--cacert", path("certs/ca.crt")]
        let head = try output("/usr/bin/curl", trust + ["-X", "POST", "-D", "-", "-o", "/dev/null", uploads])
        let line = head.split(whereSeparator: \.isNewline).first { $0.lowercased().hasPrefix("location:") }
        guard let line, let base = URL(string: uploads),
            let location = URL(string: line.dropFirst(9).trimmingCharacters(in: .whitespaces), relativeTo: base)
        else { throw BenchmarkSocket.Failure.refused(head) }
        let separator = location.query() == nil ? "?" : "&"
        let target = "\(location.absoluteString)\(separator)digest=\(digest)"
        _ = try output("/usr/bin/curl", trust + ["-T", path("blob"), "-o", "/dev/null", target])
    }

    /// Sends a request with curl, and returns the bytes per second.
    private func curl(_ arguments: [String]) throws -> Double {
        let options = ["-sSf", "--cacert", path("certs/ca.crt"), "-o", "/dev/null", "-w", "%{speed_download}"]
        return Double(try output("/usr/bin/curl", options + arguments)) ?? 0
    }

    private func startLongshore(_ port: Int) throws -> Process {
        let certificate = path("certs/localhost")
        return try start(
            longshore,
            ["serve", "--root", path("registry"), "--address", "127.0.0.1:\(port)"],
            ["REGISTRY_HTTP_TLS_CERTIFICATE": "\(certificate).crt", "REGISTRY_HTTP_TLS_KEY": "\(certificate).key"]
        )
    }

    /// nginx as packaged by Debian: with its own buffers, and no modules.
    private func startNginx(_ port: Int) throws -> Process {
        let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map {
            "\($0)_temp_path \(path("t-\($0)"));"
        }
        let configuration = """
            daemon off; user root; worker_processes auto; pid \(path("pid")); error_log \(path("error.log"));
            events { worker_connections 64; }
            http {
                access_log off; sendfile on; tcp_nopush on; \(temporary.joined(separator: " "))
                server {
                    listen 127.0.0.1:\(port) ssl http2; root \(directory.path);
                    ssl_certificate \(path("certs/localhost.crt")); ssl_certificate_key \(path("certs/localhost.key"));
                }
            }
            """
        try configuration.write(toFile: path("nginx.conf"), atomically: true, encoding: .utf8)
        return try start("/usr/sbin/nginx", ["-c", path("nginx.conf"), "-e", path("error.log")], [:])
    }

    private func start(_ program: String, _ arguments: [String], _ environment: [String: String]) throws -> Process {
        let process = Process()
        process.executableURL = URL(filePath: program)
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        return process
    }

    private func output(_ program: String, _ arguments: [String]) throws -> String {
        let process = Process()
        let pipe = Pipe()
        process.executableURL = URL(filePath: program)
        process.arguments = arguments
        process.standardOutput = pipe
        try process.run()
        let data = try pipe.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw BenchmarkSocket.Failure.notConnected }
        return String(decoding: data, as: UTF8.self)
    }

    private func path(_ name: String) -> String { directory.appending(path: name).path }
}
