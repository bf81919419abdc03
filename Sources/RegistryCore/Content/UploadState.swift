import ImageModel
import SystemLibraries

/// What the location of an upload says of it, so that a later process takes up one that has no files yet: when it was
/// begun, and a proof that this registry said so.
///
/// Clients send it back as `_state`, as they do what registry:2 puts there.
struct UploadState: Sendable {
    private let authentication: MessageAuthentication

    /// How long after its beginning an upload is known by its location alone, in nanoseconds: a week.
    static let lifetime: Int64 = 7 * 86_400 * 1_000_000_000

    init(secret: [UInt8]) { authentication = MessageAuthentication(key: secret) }

    /// What the location says of an upload that was begun at `begun`, in nanoseconds since 1970.
    func text(of id: UploadID, in name: RepositoryName, begun: Int64) -> String {
        let time = withUnsafeBytes(of: begun.bigEndian, Array.init)
        return Base64URL.encode(time + authentication.code(for: message(id, name, time)))
    }

    /// When the upload was begun that `text` is of; nil where this registry never said so.
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
