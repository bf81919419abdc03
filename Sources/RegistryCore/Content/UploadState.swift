import ImageModel
import SystemLibraries

/// The state in an upload's location, which lets a later process restore an upload without files: its start time, with
/// a proof that this registry issued it.
///
/// Clients send it back as `_state`, as they do with registry:2's state.
struct UploadState: Sendable {
    private let authentication: MessageAuthentication

    /// How long after its start an upload can be restored from its location alone, in nanoseconds: a week.
    static let lifetime: Int64 = 7 * 86_400 * 1_000_000_000

    init(secret: [UInt8]) { authentication = MessageAuthentication(key: secret) }

    /// The state for an upload begun at `begun`, in nanoseconds since 1970.
    func text(of id: UploadID, in name: RepositoryName, begun: Int64) -> String {
        let time = withUnsafeBytes(of: begun.bigEndian, Array.init)
        return Base64URL.encode(time + authentication.code(for: message(id, name, time)))
    }

    /// The start time of the upload that `text` belongs to; nil if this registry did not issue it.
    func begun(of id: UploadID, in name: RepositoryName, _ text: String) -> Int64? {
        guard text.utf8.count <= 64, let bytes = Base64URL.decode(text),
            bytes.count == MemoryLayout<Int64>.size + MessageAuthentication.byteCount
        else { return nil }
        let time = Array(bytes.prefix(MemoryLayout<Int64>.size))
        let code = Array(bytes.dropFirst(MemoryLayout<Int64>.size))
        guard authentication.isValid(code, for: message(id, name, time)) else { return nil }
        return time.reduce(0) { $0 << 8 | Int64($1) }
    }

    private func message(_ id: UploadID, _ name: RepositoryName, _ time: [UInt8]) -> [UInt8] {
        Array("\(id) \(name) ".utf8) + time
    }
}
