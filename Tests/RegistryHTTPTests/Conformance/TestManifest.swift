import ImageModel
import SystemLibraries

/// A manifest to push, with its declared type.
struct TestManifest: Sendable {
    static let ociManifest = "application/vnd.oci.image.manifest.v1+json"
    static let ociIndex = "application/vnd.oci.image.index.v1+json"

    let mediaType: String
    let bytes: [UInt8]

    var digest: Digest { Digest(.sha256, of: bytes) }

    init(mediaType: String, _ json: String) {
        self.mediaType = mediaType
        self.bytes = Array(json.utf8)
    }

    /// An OCI image; spaces and a trailing newline show whether its bytes are kept.
    static func image(
        _ configuration: [UInt8],
        layers: [[UInt8]],
        subject: TestManifest? = nil,
        artifactType: String? = nil,
        annotations: String? = nil,
        mediaType: String = ociManifest
    ) -> TestManifest {
        let isDocker = mediaType.contains("docker")
        let configurationType =
            isDocker ? "application/vnd.docker.container.image.v1+json" : "application/vnd.oci.image.config.v1+json"
        let layerType =
            isDocker
            ? "application/vnd.docker.image.rootfs.diff.tar.gzip" : "application/vnd.oci.image.layer.v1.tar+gzip"
        var members = ["\"schemaVersion\": 2", "\"mediaType\": \"\(mediaType)\""]
        members.append("\"config\": \(descriptor(configuration, configurationType))")
        members.append("\"layers\": [\(layers.map { descriptor($0, layerType) }.joined(separator: ", "))]")
        if let subject { members.append("\"subject\": \(descriptor(subject.bytes, subject.mediaType))") }
        if let artifactType { members.append("\"artifactType\": \"\(artifactType)\"") }
        if let annotations { members.append("\"annotations\": \(annotations)") }
        return TestManifest(mediaType: mediaType, "{ \(members.joined(separator: ",\n  ")) }\n")
    }

    /// An OCI index, or a list of another type.
    static func index(_ manifests: [TestManifest], subject: TestManifest? = nil, mediaType: String = ociIndex)
        -> TestManifest
    {
        let entries = manifests.map { descriptor($0.bytes, $0.mediaType) }.joined(separator: ",")
        let subject = subject.map { ",\"subject\":\(descriptor($0.bytes, $0.mediaType))" } ?? ""
        return TestManifest(
            mediaType: mediaType,
            "{\"schemaVersion\":2,\"mediaType\":\"\(mediaType)\",\"manifests\":[\(entries)]\(subject)}"
        )
    }

    private static func descriptor(_ bytes: [UInt8], _ mediaType: String) -> String {
        let digest = Digest(.sha256, of: bytes)
        return "{\"mediaType\":\"\(mediaType)\",\"digest\":\"\(digest)\",\"size\":\(bytes.count)}"
    }
}
