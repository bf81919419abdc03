import NIOCore
import Storage

/// How far a verification in the background has come, so that the next process continues there: a registry may be
/// restarted more often than all of it can be read slowly. Without the record it begins at the start.
struct ScrubPosition: Sendable {
    private let storage: any ObjectStorage
    private let isKept: Bool
    private let key: ObjectKey

    /// - Parameter part: The name of what is verified in order.
    init(_ context: VerificationContext, of part: String) {
        storage = context.storage
        isKept = context.options.resumes
        key = OwnLayout.root.appending("scrub/\(part)")
    }

    /// All elements, those after the last verified one first.
    ///
    /// - Parameter elements: The elements in the order of their texts.
    func beginning<Element>(_ elements: [Element], _ text: (Element) -> String) async throws -> [Element] {
        guard isKept, let bytes = try await storage.readNote(key, limit: 4096) else { return elements }
        let last = String(buffer: bytes)
        let start = elements.firstIndex { text($0) > last } ?? elements.endIndex
        return Array(elements[start...] + elements[..<start])
    }

    /// Records that an element has been verified.
    func reach(_ text: String) async throws {
        if isKept { try await storage.write(ByteBuffer(string: text), to: key, as: .cache) }
    }
}
