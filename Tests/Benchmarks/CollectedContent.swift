import Foundation
import ImageModel
import SystemLibraries

/// The directory of a registry with many small images, as registry:2 writes it. Each manifest names a configuration and
/// eight layers of its own, and has a tag. Some blobs are named by nothing.
struct CollectedContent {
    let manifestCount: Int
    let blobCount: Int
    let freeCount: Int

    private static let repositorySize = 100
    private static let layerCount = 8
    private let root: URL

    /// Writes the directory.
    init(at root: URL, manifestCount: Int) throws {
        self.root = root.appending(path: "docker/registry/v2")
        self.manifestCount = manifestCount
        freeCount = manifestCount / 10
        blobCount = manifestCount * (Self.layerCount + 2) + freeCount
        for number in 0..<manifestCount { try writeImage(number) }
        for number in 0..<freeCount { _ = try writeBlob("free \(number)") }
    }

    private func writeImage(_ number: Int) throws {
        let repository = "repositories/large/r\(number / Self.repositorySize)"
        var descriptors: [String] = []
        for index in 0...Self.layerCount {
            let configuration = #"{"architecture":"amd64","os":"linux","author":"\#(number)"}"#
            let text = index == 0 ? configuration : "\(number) \(index)"
            let type = index == 0 ? "container.image.v1+json" : "image.rootfs.diff.tar.gzip"
            let digest = try writeBlob(text)
            try link(digest, "\(repository)/_layers/sha256/\(digest.hex)/link")
            descriptors.append(
                #"{"mediaType":"application/vnd.docker.\#(type)","size":\#(text.utf8.count),"digest":"\#(digest)"}"#
            )
        }
        let layers = descriptors.dropFirst().joined(separator: ",")
        let type = "application/vnd.docker.distribution.manifest.v2+json"
        let manifest = try writeBlob(
            #"{"schemaVersion":2,"mediaType":"\#(type)","config":\#(descriptors[0]),"layers":[\#(layers)]}"#
        )
        let manifests = "\(repository)/_manifests"
        try link(manifest, "\(manifests)/revisions/sha256/\(manifest.hex)/link")
        try link(manifest, "\(manifests)/tags/t\(number)/current/link")
        try link(manifest, "\(manifests)/tags/t\(number)/index/sha256/\(manifest.hex)/link")
    }

    private func writeBlob(_ text: String) throws -> Digest {
        let digest = Digest(.sha256, of: Array(text.utf8))
        try write(text, "blobs/sha256/\(digest.hex.prefix(2))/\(digest.hex)/data")
        return digest
    }

    private func link(_ digest: Digest, _ path: String) throws { try write(digest.description, path) }

    private func write(_ text: String, _ path: String) throws {
        let file = root.appending(path: path)
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
    }
}
