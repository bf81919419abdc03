import Foundation

/// The name of an upload that goes on: a UUID in lowercase, as registry:2 names its directories.
package struct UploadID: Hashable, Sendable, CustomStringConvertible {
    package let description: String

    /// A new name: a random UUID, version 4. Foundation's would open a file for each.
    package init() {
        let high = UInt64.random(in: .min ... .max) & ~0xF000 | 0x4000
        let low = UInt64.random(in: .min ... .max) >> 2 | 1 << 63
        let bytes = withUnsafeBytes(of: (high.bigEndian, low.bigEndian)) { $0.loadUnaligned(as: uuid_t.self) }
        self.description = UUID(uuid: bytes).uuidString.lowercased()
    }

    /// Parses `text`, which arrives from the network, or answers nil when it is no UUID.
    package init?(parsing text: String) {
        guard let uuid = UUID(uuidString: text), uuid.uuidString.lowercased() == text else { return nil }
        self.description = text
    }
}
