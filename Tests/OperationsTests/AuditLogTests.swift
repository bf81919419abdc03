import Foundation
import HTTPTypes
import ImageModel
import Logging
import RegistryCore
import Testing

@testable import Operations
@testable import RegistryHTTP

@Suite("The audit log") struct AuditLogTests {
    private func withLog(_ body: (AuditLog, LogOutput) async throws -> Void) async throws -> [String] {
        let folder = FileManager.default.temporaryDirectory.appending(path: "audit-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appending(path: "audit.log")
        let output = LogOutput(.text, fields: [:], level: .info, to: try LineWriter(path: path.path))
        try await body(AuditLog(output), output)
        output.flush()
        return try String(contentsOf: path, encoding: .utf8).split(separator: "\n").map { line in
            line.split(separator: " ", maxSplits: 1).last.map(String.init) ?? ""
        }
    }

    @Test("says who set which tag to what, and what it was before")
    func tags() async throws {
        let registry = Registry.inMemory()
        let name = try RepositoryName(parsing: "team/app")
        let tag = try Tag(parsing: "1")
        var digests: [Digest] = []
        let lines = try await withLog { audit, _ in
            audit.follow(registry.events)
            let request = EventActor.Request(id: "7", address: "10.0.0.1", host: "h", method: "PUT", userAgent: "a b")
            let actor = EventActor(user: "ci", interface: .v2, request: request)
            try await EventActor.$current.withValue(actor) {
                for number in 1...2 {
                    let text =
                        #"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[],"annotations":{"n":"\#(number)"}}"#
                    let manifest = try Manifest(
                        parsing: Array(text.utf8),
                        contentType: .ociIndex
                    )
                    digests.append(try await registry.put(manifest, under: .tag(tag), in: name))
                }
                try await registry.deleteTag(tag, in: name)
            }
        }
        let end = #"user=ci interface=v2 client=10.0.0.1 agent="a b" request_id=7"#
        try #require(digests.count == 2 && lines.count == 5)
        #expect(lines[1] == "level=info msg=audit event=tag_set repository=team/app tag=1 digest=\(digests[0]) \(end)")
        #expect(
            lines[3] == "level=info msg=audit event=tag_set repository=team/app tag=1 digest=\(digests[1]) "
                + "previous=\(digests[0]) \(end)"
        )
        #expect(
            lines[4] == "level=info msg=audit event=tag_deleted repository=team/app tag=1 previous=\(digests[1]) \(end)"
        )
    }

    @Test("names a refused user only if there is one")
    func logins() async throws {
        let lines = try await withLog { audit, _ in
            for user in ["ci", nil] {
                let request = RegistryRequest(method: .get, target: "/v2/", headers: [.requestID: "9"])
                request.context.refusedLogin = RequestContext.RefusedLogin(user: user)
                audit.requestEnded(TestRecord.record(of: request, status: 401))
            }
            audit.requestEnded(TestRecord.record(of: RegistryRequest(method: .get, target: "/v2/")))
        }
        #expect(
            lines == [
                "level=info msg=audit event=login_refused user=ci request_id=9",
                "level=info msg=audit event=login_refused request_id=9",
            ]
        )
    }

    @Test("goes on in a new file after the old one was renamed")
    func reopening() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "audit-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appending(path: "log").path
        let writer = try LineWriter(path: path)
        writer.write(Array("1\n".utf8))
        writer.flush()
        try FileManager.default.moveItem(atPath: path, toPath: path + ".1")
        try writer.reopen()
        writer.write(Array("2\n".utf8))
        writer.flush()
        #expect(try String(contentsOfFile: path + ".1", encoding: .utf8) == "1\n")
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "2\n")
    }
}
