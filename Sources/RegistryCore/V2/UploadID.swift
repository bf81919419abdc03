import Foundation

/// The name of an upload that goes on: a UUID in lowercase, as registry:2 names its directories.
package struct UploadID: Hashable, Sendable, CustomStringConvertible {
    package let description: String

    /// A new name.
    package init() { self.description = UUID().uuidString.lowercased() }

    /// Parses `text`, which arrives from the network, or answers nil when it is no UUID.
    package init?(parsing text: String) {
        guard let uuid = UUID(uuidString: text), uuid.uuidString.lowercased() == text else { return nil }
        self.description = text
    }
}
