/// What a client says that it pushed, in the headers with which it completes an image.
package struct PushChecksum: Sendable {
    /// `X-Docker-Checksum-Payload`: `sha256:` of the JSON, a newline and the layer as sent.
    package let payload: String?
    /// `X-Docker-Checksum`: a tarsum.
    package let tarsum: String?
    /// Whether the client is older than Docker 0.10, which sends no payload checksum, or one that is worked out
    /// otherwise.
    package let isFromOldClient: Bool

    /// Takes the headers as they were sent.
    package init(payload: String?, tarsum: String?, isFromOldClient: Bool) {
        self.payload = payload
        self.tarsum = tarsum
        self.isFromOldClient = isFromOldClient
    }
}
