import Foundation
import Testing

/// A client whose requests cause notifications.
struct NotifiedClient {
    /// Written to at the end.
    static let lastRepository = "the/end"

    /// Something to push.
    struct Content {
        let type: String
        let text: String
        let digest: String

        init(_ type: String, _ text: String, in directory: TemporaryDirectory) async throws {
            let file = try directory.write(Data(text.utf8), to: "content")
            self.type = type
            self.text = text
            digest = try await sha256(of: "cat '\(file)'")
        }

        /// Its descriptor.
        ///
        /// - Parameters:
        ///   - type: Its type, if another.
        ///   - more: More members.
        func descriptor(_ type: String? = nil, _ more: String = "") -> String {
            #"{"mediaType":"\#(type ?? self.type)","size":\#(text.utf8.count),"digest":"\#(digest)"\#(more)}"#
        }
    }

    private let configuration: Content
    private let layer: Content
    private let end: Content
    private let manifests: [Content]

    init(in directory: TemporaryDirectory) async throws {
        let docker = "application/vnd.docker"
        let oci = "application/vnd.oci.image"
        configuration = try await Content("\(docker).container.image.v1+json", "{}", in: directory)
        layer = try await Content("\(docker).image.rootfs.diff.tar.gzip", "layer", in: directory)
        end = try await Content("text/plain", "end", in: directory)
        let image = try await Content(
            "\(docker).distribution.manifest.v2+json",
            """
            {"schemaVersion":2,"mediaType":"\(docker).distribution.manifest.v2+json",\
            "config":\(configuration.descriptor()),"layers":[\(layer.descriptor())]}
            """,
            in: directory
        )
        let annotated = layer.descriptor("\(oci).layer.v1.tar+gzip", #","annotations":{"b":"<&>","a":"ü"}"#)
        let ociImage = try await Content(
            "\(oci).manifest.v1+json",
            """
            {"schemaVersion":2,"mediaType":"\(oci).manifest.v1+json",\
            "config":\(configuration.descriptor("\(oci).config.v1+json")),"layers":[\(annotated)]}
            """,
            in: directory
        )
        let entry = image.descriptor(nil, #","platform":{"architecture":"amd64","os":"linux"}"#)
        let list = try await Content(
            "\(docker).distribution.manifest.list.v2+json",
            """
            {"schemaVersion":2,"mediaType":"\(docker).distribution.manifest.list.v2+json","manifests":[\(entry)]}
            """,
            in: directory
        )
        manifests = [image, ociImage, list]
    }

    /// Pushes, pulls, mounts and deletes.
    func exercise(_ host: String) async throws {
        for blob in [configuration, layer] { try await push(blob, to: "a/b", host) }
        for (index, manifest) in manifests.enumerated() {
            try await push(manifest: manifest, as: "\(index)", to: "a/b", host)
        }
        let image = manifests[0].digest
        try await push(manifest: manifests[0], as: image, to: "a/b", host)
        try await push(manifest: manifests[1], as: "also", to: "a/b", host)
        for (index, manifest) in manifests.enumerated() {
            let accept = ["-H", "Accept: \(manifest.type)"]
            try await request("a/b/manifests/\(index)", accept, 200, host)
            try await request("a/b/manifests/\(index)", accept + ["-I"], 200, host)
            try await request("a/b/manifests/\(manifest.digest)", accept, 200, host)
        }
        try await request("a/b/manifests/0", ["-H", "If-None-Match: \(image)"], 304, host)
        try await request("a/b/manifests/absent", [], 404, host)
        let layer = layer.digest
        try await request("a/b/blobs/\(layer)", [], 200, host)
        try await request("a/b/blobs/\(layer)", ["-I"], 200, host)
        try await request("a/b/blobs/\(layer)", ["-H", "Range: bytes=1-2"], 206, host)
        try await request("a/b/blobs/\(layer)", ["-H", "If-None-Match: \"\(layer)\""], 304, host)
        try await request("a/c/blobs/\(layer)", [], 404, host)
        try await request("a/c/blobs/uploads/?mount=\(layer)&from=a/b", ["-X", "POST"], 201, host)
        try await request("a/c/blobs/\(layer)", ["-X", "DELETE"], 202, host)
        try await request("a/b/manifests/\(manifests[2].digest)", ["-X", "DELETE"], 202, host)
        try await request("a/b/manifests/\(image)", ["-X", "DELETE"], 202, host)
        try await request("a/b/manifests/\(image)", ["-X", "DELETE"], 404, host)
        try await push(end, to: Self.lastRepository, host)
    }

    /// What must be the same for all servers.
    func comparable(_ entry: RecorderProcess.Entry, _ host: String) -> String {
        let body = entry.body.replacing(host, with: "HOST")
            .replacing(/"id": "[0-9a-f-]{36}"/, with: #""id": "ID""#)
            .replacing(/"timestamp": "20[0-9]{2}-[0-9-]*T[0-9:.]*Z"/, with: #""timestamp": "TIME""#)
            .replacing(/"addr": "[^"]*:?[0-9]*"/, with: #""addr": "ADDRESS""#)
            .replacing(/"instanceID": "[0-9a-f-]{36}"/, with: #""instanceID": "ID""#)
        return "\(entry.headers["Content-Type"] ?? "") \(entry.headers["X-Token"] ?? "")\n\(body)"
    }

    /// Writes a server's notifications and the manifests, as testdata/notifications has them, if a file is named.
    func record(_ entries: [RecorderProcess.Entry]) throws {
        guard let path = ProcessInfo.processInfo.environment["LONGSHORE_RECORDING"] else { return }
        var lines = entries.map { ["body": $0.body] }
        for manifest in manifests { lines.append(["digest": manifest.digest, "manifest": manifest.text]) }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let text = try lines.map { String(decoding: try encoder.encode($0), as: UTF8.self) + "\n" }.joined()
        try text.write(toFile: path, atomically: true, encoding: .utf8)
    }

    private func push(_ blob: Content, to name: String, _ host: String) async throws {
        let begun = try await request("\(name)/blobs/uploads/", ["-X", "POST"], 202, host)
        let location = try #require(begun.headers["location"])
        let url = location + (location.contains("?") ? "&" : "?") + "digest=\(blob.digest)"
        let type = "Content-Type: application/octet-stream"
        let end = try await Curl.request(url, Self.login + ["-X", "PUT", "-H", type, "--data-binary", blob.text])
        #expect(end.status == 201, "\(end.text)")
    }

    private func push(
        manifest: Content,
        as reference: String,
        to name: String,
        _ host: String
    ) async throws {
        let arguments = ["-X", "PUT", "-H", "Content-Type: \(manifest.type)", "--data-binary", manifest.text]
        try await request("\(name)/manifests/\(reference)", arguments, 201, host)
    }

    @discardableResult
    private func request(_ path: String, _ arguments: [String], _ status: Int, _ host: String) async throws
        -> Curl.Answer
    {
        let answer = try await Curl.request("http://\(host)/v2/\(path)", Self.login + arguments)
        #expect(answer.status == status, "\(path) \(arguments): \(answer.text)")
        return answer
    }

    private static let login = ["-u", "ci:secret", "-A", "client/1.0 (<test> & \"more\")"]
}
