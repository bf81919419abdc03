import Foundation
import ImageModel
import NIOCore
import RegistryCore
import Testing

@testable import Operations

/// Notifications as they are sent: registry:2's envelope, byte for byte.
@Suite struct NotificationTests {
    /// What docker-registry 2.8.2 sent to a recorder, and the manifests that were pushed to it.
    private struct Recording {
        /// The bodies of its requests.
        var bodies: [String] = []
        /// The manifests, by digest.
        var manifests: [String: String] = [:]

        init() throws {
            let url = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
                .deletingLastPathComponent().appending(path: "testdata/notifications/docker-registry-2.8.2.jsonl")
            for line in try String(contentsOf: url, encoding: .utf8).split(separator: "\n") {
                let entry = try JSONValue(parsing: Array(line.utf8))
                if let body = entry["body"]?.string { bodies.append(body) }
                if let digest = entry["digest"]?.string { manifests[digest] = entry["manifest"]?.string }
            }
        }

        /// The change or pull that an event describes.
        func notification(of event: JSONValue) throws -> RegistryNotification {
            let target = try #require(event["target"])
            let name = try RepositoryName(parsing: #require(target["repository"]?.string))
            let digest = try target["digest"]?.string.map { try Digest(parsing: $0) }
            let tag = try target["tag"]?.string.map { try Tag(parsing: $0) }
            let request = event["request"]
            let url = target["url"]?.string
            let actor = EventActor(
                user: event["actor"]?["name"]?.string,
                interface: .v2,
                request: EventActor.Request(
                    id: request?["id"]?.string,
                    address: request?["addr"]?.string,
                    host: request?["host"]?.string,
                    method: request?["method"]?.string ?? "",
                    userAgent: request?["useragent"]?.string,
                    root: url.flatMap { url in url.firstRange(of: "/v2/").map { String(url[..<$0.lowerBound]) } }
                )
            )
            let byteCount = target["size"]?.integer ?? 0
            let summary = try target["mediaType"]?.string.flatMap { type -> ManifestSummary? in
                let bytes = try manifests[#require(target["digest"]?.string)]
                return try bytes.map {
                    ManifestSummary(Array($0.utf8), mediaType: MediaType(type), digest: try #require(digest))
                }
            }
            func change(_ change: RegistryEvent.Change) throws -> RegistryNotification {
                let event = RegistryEvent(change, in: EventRepository(name), by: actor)
                return try #require(RegistryNotification.all(of: event, includesReferences: true).first)
            }
            switch (event["action"]?.string, summary, digest) {
            case ("push", let manifest?, _): return try change(.manifestPushed(manifest, tags: tag.map { [$0] } ?? []))
            case ("push", nil, let blob?): return try change(.blobPushed(blob, byteCount: byteCount))
            case ("mount", _, let blob?):
                let source = try target["fromRepository"]?.string.map { try RepositoryName(parsing: $0) }
                return try change(.blobMounted(blob, byteCount: byteCount, from: source))
            case ("pull", let manifest?, _):
                let pull = RegistryPull(.manifest(manifest, tag: tag?.description), in: name, by: actor)
                return RegistryNotification(of: pull, includesReferences: true)
            case ("pull", nil, let blob?):
                let pull = RegistryPull(.blob(blob, byteCount: byteCount), in: name, by: actor)
                return RegistryNotification(of: pull, includesReferences: true)
            case ("delete", _, let content?): return try change(.manifestRemoved(content))
            case ("delete", _, nil):
                guard let tag else { return try change(.repositoryRemoved(tags: [])) }
                return try change(.tagRemoved(tag.description))
            default: throw Unexpected(event: event)
            }
        }

        private struct Unexpected: Error { let event: JSONValue }
    }

    @Test("docker-registry's envelopes are written as it wrote them")
    func recorded() throws {
        let recording = try Recording()
        #expect(recording.bodies.count > 20)
        var actions: Set<String> = []
        for body in recording.bodies {
            let event = try #require(try JSONValue(parsing: Array(body.utf8))["events"]?.array?.first)
            actions.insert(event["action"]?.string ?? "")
            let source = NotificationSource(
                address: event["source"]?["addr"]?.string ?? "",
                instanceID: event["source"]?["instanceID"]?.string ?? "",
                root: ""
            )
            let time = try Self.nanoseconds(#require(event["timestamp"]?.string))
            let ours = try recording.notification(of: event)
                .envelope(id: event["id"]?.string ?? "", at: time, from: source)
            #expect(String(buffer: ours) == body)
        }
        #expect(actions == ["push", "pull", "mount", "delete"])
    }

    @Test("a time has as many digits as it needs", arguments: ["2026-11-30T22:51:31.195Z", "2026-11-30T22:51:31Z"])
    func timestamp(text: String) throws {
        #expect(RegistryNotification.timestamp(try Self.nanoseconds(text)) == text)
    }

    /// Parses a time in UTC with a fraction of any length.
    private static func nanoseconds(_ text: String) throws -> Int64 {
        // The zone is only cut off with the fraction.
        let parts = (text.contains(".") ? text.dropLast() : text[...]).split(separator: ".")
        let date = try Date(String(parts[0]) + (parts.count > 1 ? "Z" : ""), strategy: .iso8601)
        let fraction = parts.count > 1 ? String(parts[1]) + String(repeating: "0", count: 9 - parts[1].count) : "0"
        return Int64(date.timeIntervalSince1970) * 1_000_000_000 + (Int64(fraction) ?? 0)
    }

    @Test("a push with several tags has one for each, and what v2 does not see has none")
    func several() throws {
        let bytes = Array(#"{"schemaVersion":2}"#.utf8)
        let digest = try Digest(parsing: "sha256:" + String(repeating: "a", count: 64))
        let manifest = ManifestSummary(bytes, mediaType: .ociManifest, digest: digest)
        let tags = try ["1", "2"].map { try Tag(parsing: $0) }
        func all(_ change: RegistryEvent.Change, in repository: EventRepository?) -> [RegistryNotification] {
            RegistryNotification.all(of: RegistryEvent(change, in: repository), includesReferences: false)
        }
        let repository = EventRepository(V1RepositoryName(namespace: "library", repository: "app"))
        #expect(all(.manifestPushed(manifest, tags: tags), in: repository).map(\.target.tag) == ["1", "2"])
        #expect(all(.manifestPushed(manifest, tags: []), in: repository).map(\.target.tag) == [""])
        #expect(all(.tagRemoved("1"), in: repository).map(\.target.repository) == ["app"])
        #expect(all(.repositoryChanged, in: repository).isEmpty)
        let v1Only = EventRepository(V1RepositoryName(namespace: "Upper", repository: "case"))
        #expect(all(.tagRemoved("1"), in: v1Only).isEmpty)
        #expect(all(.imageCompleted(try V1ImageID(parsing: String(repeating: "a", count: 64))), in: nil).isEmpty)
    }
}
