import Foundation
import Testing

extension Integration {
    @Suite("a container's image") struct ContainerTests {
        @Test(
            "starts as registry:2's does",
            arguments: [
                (["/etc/docker/registry/config.yml"], "serve /etc/docker/registry/config.yml"),
                (["serve", "/etc/other.yml"], "serve /etc/other.yml"),
                (["garbage-collect", "-m", "/etc/x.yml"], "garbage-collect -m /etc/x.yml"),
                (["--version"], "--version"),
            ]
        )
        func entryPoint(arguments: [String], called: String) async throws {
            try await withTemporaryDirectory { directory in
                let program = try directory.write(Data("#!/bin/sh\necho \"$@\"\n".utf8), to: "longshore")
                _ = try await Program("chmod").run(["+x", program]).succeeded()
                let path = "\(directory.path):\(ProcessInfo.processInfo.environment["PATH"] ?? "")"
                let result = try await Program("sh").run(
                    [Packaging.file("container/entrypoint.sh")] + arguments,
                    environment: ["PATH": path]
                )
                #expect(try result.succeeded().text == called + "\n")
            }
        }

        @Test("has a configuration of which nothing is to be said")
        func containerConfiguration() async throws {
            let result = try await Program.longshore.run(["config", "check", Packaging.file("container/config.yml")])
            #expect(try result.succeeded().errorText.isEmpty)
        }
    }
}

/// The files that packages are made of.
private enum Packaging {
    static func file(_ name: String) -> String {
        GoldenTree.testdata.deletingLastPathComponent().appending(path: ".github/\(name)").path
    }
}
