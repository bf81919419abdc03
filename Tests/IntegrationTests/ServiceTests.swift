import Foundation
import Glibc
import Testing

extension Integration {
    @Suite("a service") struct ServiceTests {
        @Test("ends on request, after finishing the requests in progress", .needs("curl"))
        func drain() async throws {
            try await withTemporaryDirectory { directory in
                let server = try await LongshoreProcess(serving: directory.path("registry"))
                defer { server.running.discard() }
                let upload = try await SlowUpload(to: server, directory)
                defer { upload.discard() }
                server.running.send(SIGTERM)
                // It accepts no more connections, and the existing one continues.
                try await server.running.waitUntil { !Loopback.accepts(port: server.port) }
                try upload.finish()
                #expect(try await upload.status() == "202")
                try await server.running.waitUntilExit(timeLimit: .seconds(30))
                #expect(try server.running.result.status == 0)
            }
        }

        @Test("cuts off requests that take too long", .needs("curl"))
        func drainTimeout() async throws {
            try await withTemporaryDirectory { directory in
                let text = """
                    version: 0.1
                    storage: {filesystem: {rootdirectory: \(directory.path("registry"))}}
                    http: {draintimeout: 200ms}
                    """
                let server = try await LongshoreProcess(configuration: text, in: directory.path("config.yml"))
                defer { server.running.discard() }
                let upload = try await SlowUpload(to: server, directory)
                defer { upload.discard() }
                server.running.send(SIGTERM)
                try await server.running.waitUntilExit(timeLimit: .seconds(30))
                #expect(try server.running.result.status == 0)
                #expect(try server.logCount("requests were cut off") == 1)
            }
        }

        @Test("ends on request as the first process of a container", .needsRoot, .needs("unshare"))
        func firstProcess() async throws {
            try await withTemporaryDirectory { directory in
                let options = ["--pid", "--fork", "--kill-child", "--mount-proc", Program.longshore.path]
                let arguments = ["serve", "--root", directory.path("registry"), "--address", "127.0.0.1:0"]
                let server = try await LongshoreProcess(Program("unshare"), options + arguments)
                defer { server.running.discard() }
                let children = "/proc/\(server.running.processID)/task/\(server.running.processID)/children"
                let child = try String(contentsOfFile: children, encoding: .utf8).trimmingCharacters(in: .whitespaces)
                let status = try String(contentsOfFile: "/proc/\(child)/status", encoding: .utf8)
                #expect(status.contains(/NSpid:\s+\d+\s+1\n/))
                #expect(kill(try #require(Int32(child)), SIGTERM) == 0)
                try await server.running.waitUntilExit(timeLimit: .seconds(30))
                #expect(try server.running.result.status == 0)
            }
        }

        @Test("takes over a socket from its manager", .needs("curl", "python3"))
        func socketActivation() async throws {
            try await withTemporaryDirectory { directory in
                let manager = """
                    import os, socket, sys
                    s = socket.socket()
                    s.bind(("127.0.0.1", 0))
                    s.listen()
                    if s.fileno() != 3: os.dup2(s.fileno(), 3)
                    os.set_inheritable(3, True)
                    os.environ.update(LISTEN_FDS="1", LISTEN_PID=str(os.getpid()))
                    os.execv(sys.argv[1], sys.argv[1:])
                    """
                let arguments = ["-c", manager, Program.longshore.path, "serve", "--root", directory.path("registry")]
                let server = try await LongshoreProcess(Program("python3"), arguments)
                defer { server.running.discard() }
                #expect(try await Curl.request(server.url("/v2/")).status == 200)
                try await server.running.stop()
                #expect(try server.running.result.status == 0)
            }
        }

        @Test("notifies its manager when it is ready, reloads and ends")
        func notices() async throws {
            try await withTemporaryDirectory { directory in
                let notices = try NoticeSocket(at: directory.path("notify"))
                let text = """
                    version: 0.1
                    storage: {filesystem: {rootdirectory: \(directory.path("registry"))}}
                    """
                let environment = ["NOTIFY_SOCKET": directory.path("notify")]
                let file = directory.path("config.yml")
                try await withLongshore(configuration: text, in: file, environment: environment) { server in
                    #expect(notices.next() == "READY=1")
                    server.running.send(SIGHUP)
                    #expect(notices.next().contains(/^RELOADING=1\nMONOTONIC_USEC=\d+$/))
                    #expect(notices.next() == "READY=1")
                }
                #expect(notices.next() == "STOPPING=1")
            }
        }

        @Test("listens on a Unix socket", .needs("curl"))
        func socketFile() async throws {
            try await withTemporaryDirectory { directory in
                let socket = directory.path("registry.sock")
                let text = """
                    version: 0.1
                    storage: {filesystem: {rootdirectory: \(directory.path("registry"))}}
                    http: {net: unix, addr: \(socket)}
                    """
                let file = try directory.write(Data(text.utf8), to: "config.yml")
                let server = try await LongshoreProcess(Program.longshore, ["serve", file])
                defer { server.running.discard() }
                let answer = try await Curl.request("http://registry.test/v2/", ["--unix-socket", socket])
                #expect(answer.status == 200)
                try await server.running.stop()
            }
        }

        @Test(
            "a running pull completes when the server is told to end",
            .needs("curl"),
            arguments: ["--http1.1", "--http2"]
        )
        func drainPull(version: String) async throws {
            try await withTemporaryDirectory { directory in
                let certificate = try await TestCertificate(in: directory.path("certs"))
                let text = certificate.configuration(root: directory.path("registry"))
                let server = try await LongshoreProcess(configuration: text, in: directory.path("config.yml"))
                defer { server.running.discard() }
                let blob = directory.path("blob")
                _ = try await Program("bash").run(["-c", "head -c 30000000 /dev/urandom > '\(blob)'"]).succeeded()
                let digest = try await sha256(of: "cat '\(blob)'")
                let url = "https://\(server.host)/v2/a/blobs/"
                let push = certificate.trusted + ["--data-binary", "@\(blob)"]
                let pushed = try await Curl.request("\(url)uploads/?digest=\(digest)", push)
                #expect(pushed.status == 201)
                let file = directory.path("pulled")
                let pull = ["-sSf", version, "--limit-rate", "20M", "-o", file, url + digest]
                let client = try RunningProgram(Program("curl"), certificate.trusted + pull)
                defer { client.discard() }
                try await server.running.waitUntil { FileManager.default.contents(atPath: file)?.isEmpty == false }
                server.running.send(SIGTERM)
                try await client.waitUntilExit(timeLimit: .seconds(60))
                #expect(try await sha256(of: "cat '\(file)'") == digest)
                try await server.running.waitUntilExit(timeLimit: .seconds(30))
                #expect(try server.running.result.status == 0)
            }
        }
    }
}
