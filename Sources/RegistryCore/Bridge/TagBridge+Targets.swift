import ImageModel
import Storage

/// The targets of tags in both protocols.
extension TagBridge {
    /// The target of a tag in both protocols.
    enum BridgedTarget: Sendable, Equatable {
        /// A manifest that was pushed through v2.
        case manifest(Digest)
        /// A v1 image, and the manifest it was converted to, if it was.
        case image(V1ImageID, Digest?)
    }

    /// The target of a tag; nil if there is no such tag, or it points to nothing. Nothing is converted.
    func target(of text: String, in repository: EventRepository) async throws -> BridgedTarget? {
        guard let name = repository.v2, let tag = try? Tag(parsing: text) else {
            guard let v1Name = repository.v1 else { return nil }
            return try await tree.tag(text, in: v1Name)?.image.map { .image($0, nil) }
        }
        switch try await joiner.v1Side(tag, in: name) {
        case .absent: return nil
        case .projected(let digest): return .manifest(digest)
        case .stored(let image):
            guard case .manifest(let digest) = try await joiner.join(tag, in: name) else { return .image(image, nil) }
            return .image(image, digest)
        }
    }
}
