/// The checksums a client sends in headers to complete an image.
package struct PushChecksum: Sendable {
    /// `X-Docker-Checksum-Payload`: `sha256:` of the JSON, a newline and the layer as sent.
    package let payload: String?
    /// `X-Docker-Checksum`: a tarsum.
    package let tarsum: String?
    /// Whether the client predates Docker 0.10, which sends no payload checksum, or one computed differently.
    package let isFromOldClient: Bool

    /// Takes the headers as sent.
    package init(payload: String?, tarsum: String?, isFromOldClient: Bool) {
        self.payload = payload
        self.tarsum = tarsum
        self.isFromOldClient = isFromOldClient
    }
}
