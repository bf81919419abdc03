import Foundation
import Testing

extension Integration {
    @Suite("the container image") struct ContainerTests {
        @Test(
            "starts like registry:2's",
            arguments: [
                (["/etc/docker/registry/config.yml"], "serve /etc/docker/registry/config.yml"),
                (["serve", "/etc/other.yml"], "serve /etc/other.yml"),
                (["garbage-collect", "-m", "/etc/x.yml"], "garbage-collect -m /etc/x.yml"),
                (["registry", "serve", "/etc/other.yml"], "serve /etc/other.yml"),
                (["registry", "garbage-collect", "/etc/x.yml"], "garbage-collect /etc/x.yml"),
                (["docker-registry"], "serve /etc/docker/registry/config.yml"),
                (["registry", "/go/src/config.yml"], "serve /go/src/config.yml"),
                (["--version"], "--version"), (["sh", "-c", "echo other"], "other"),
            ]
        )
        func entryPoint(arguments: [String], called: String) async throws {
            try await withTemporaryDirectory { directory in
                let program = try directory.write(Data("#!/bin/sh\necho \"$@\"\n".utf8), to: "longshore")
                _ = try await Program("chmod").run(["+x", program]).succeeded()
                #expect(try await enter(arguments, directory).succeeded().text == called + "\n")
            }
        }

        @Test("prints its version")
        func version() async throws {
            try await withTemporaryDirectory { directory in
                let link = directory.path("longshore")
                try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: Program.longshore.path)
                let result = try await enter(["--version"], directory)
                #expect(try result.succeeded().text.contains(/^longshore \d+\.\d+\.\d+\n$/))
            }
        }

        /// Directories with files, mounts, options and variables; what is served, and what is printed.
        static let volumes: [Volumes] = [
            Volumes(served: "serve CONFIG"),
            Volumes(filled: ["/tmp/registry"], served: "serve --root /tmp/registry CONFIG"),
            Volumes(filled: ["/tmp/registry-dev"], served: "serve --root /tmp/registry-dev CONFIG"),
            Volumes(filled: ["/var/lib/registry"], served: "serve CONFIG"),
            Volumes(filled: ["/tmp/registry"], environment: ["STORAGE_PATH": "/data"], served: "serve CONFIG"),
            Volumes(
                filled: ["/tmp/registry"],
                environment: ["REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY": "/data"],
                served: "serve CONFIG"
            ),
            Volumes(filled: ["/tmp/registry"], options: ["--root", "/data"], served: "serve CONFIG --root /data"),
            Volumes(filled: ["/tmp/registry", "/tmp/registry-dev"], served: nil),
            Volumes(filled: ["/tmp/registry", "/var/lib/registry"], served: nil),
        ]

        struct Volumes: Sendable {
            var filled: [String] = []
            var environment: [String: String] = [:]
            var options: [String] = []
            /// The arguments of the program; nil when the entry point refuses.
            let served: String?
        }

        @Test("serves the directory mounted where the guides mount it", arguments: volumes)
        func mountedVolumes(volumes: Volumes) async throws {
            try await withTemporaryDirectory { directory in
                for place in volumes.filled { try directory.makeDirectory("root\(place)/images") }
                let result = try await enterVolumes(directory, volumes.options, volumes.environment)
                guard let served = volumes.served else {
                    #expect(result.status == 1)
                    for place in volumes.filled {
                        #expect(result.errorText.contains(" \(directory.path)/root\(place)"))
                    }
                    #expect(result.errorText.contains("REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY"))
                    return
                }
                let said = try result.succeeded().text.replacing("\(directory.path)/root", with: "")
                    .replacing(Packaging.file("container/config.yml"), with: "CONFIG")
                #expect(said.split(separator: "\n").last.map(String.init) == served)
                #expect(said.contains("where a volume is mounted") == served.hasPrefix("serve --root"))
            }
        }

        @Test("serves an empty volume mounted there", .needsMounts)
        func emptyVolume() async throws {
            try await withTemporaryDirectory { directory in
                let place = try directory.makeDirectory("root/tmp/registry")
                try await Mount.memory(kilobytes: 64, at: place) {
                    let result = try await enterVolumes(directory, [], [:])
                    #expect(try result.succeeded().text.contains("serve --root \(place) "))
                }
            }
        }

        @Test(
            "has a program that goes by the names of others",
            arguments: [
                ("registry", ["--version"], "longshore "), ("registry", ["-v"], "longshore "),
                ("registry", ["config", "check", "CONFIG"], "the configuration can be served"),
                ("registry", ["serve", "--help"], "OVERVIEW: Serve a directory"),
                ("registry", ["garbage-collect", "--help"], "OVERVIEW: Remove"),
                ("docker-registry", ["serve", "--help"], "OVERVIEW: Serve a directory"),
            ]
        )
        func names(name: String, arguments: [String], beginning: String) async throws {
            try await withTemporaryDirectory { directory in
                let link = directory.path(name)
                try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: Program.longshore.path)
                let words = arguments.map { $0 == "CONFIG" ? Packaging.file("container/config.yml") : $0 }
                let result = try await Program("env").run([link] + words)
                #expect(try result.succeeded().text.hasPrefix(beginning))
            }
        }

        @Test(
            "has a program that serves when called as docker-registry, or with a file like registry 2.0",
            .needs("curl"),
            arguments: [("docker-registry", false), ("registry", true)]
        )
        func servingNames(name: String, withFile: Bool) async throws {
            try await withTemporaryDirectory { directory in
                let link = directory.path(name)
                try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: Program.longshore.path)
                let environment = ["STORAGE_PATH": directory.path("v1"), "REGISTRY_HTTP_ADDR": "127.0.0.1:0"]
                let words = withFile ? [Packaging.file("container/config.yml")] : []
                let server = try await LongshoreProcess(
                    Program("env"),
                    [link] + words,
                    environment: environment
                )
                defer { server.running.discard() }
                let search = try await Curl.request(server.url("/v1/search"))
                #expect(search.text == #"{"num_results": 0, "query": "", "results": []}"#)
                try await server.running.stop()
            }
        }

        /// Runs the image's entry point on directories below `root`, with a program that prints what it would serve.
        private func enterVolumes(
            _ directory: TemporaryDirectory,
            _ options: [String],
            _ environment: [String: String]
        ) async throws -> ProgramResult {
            let program = """
                #!/bin/sh
                case "$1" in
                config) exec '\(Program.longshore.path)' "$@" ;;
                *) echo "$@" ;;
                esac
                """
            _ = try await Program("chmod").run(["+x", try directory.write(Data(program.utf8), to: "longshore")])
            var script = try String(contentsOfFile: Packaging.file("container/entrypoint.sh"), encoding: .utf8)
            for place in ["/tmp/registry", "/var/lib/registry"] {
                script = script.replacing(" \(place)", with: " \(directory.path)/root\(place)")
            }
            let path = "\(directory.path):\(ProcessInfo.processInfo.environment["PATH"] ?? "")"
            return try await Program("sh").run(
                ["-c", script, "entrypoint", Packaging.file("container/config.yml")] + options,
                environment: environment.merging(["PATH": path]) { $1 }
            )
        }

        /// Runs the image's entry point with the program of a directory.
        private func enter(_ arguments: [String], _ directory: TemporaryDirectory) async throws -> ProgramResult {
            let path = "\(directory.path):\(ProcessInfo.processInfo.environment["PATH"] ?? "")"
            return try await Program("sh").run(
                [Packaging.file("container/entrypoint.sh")] + arguments,
                environment: ["PATH": path]
            )
        }
    }
}
