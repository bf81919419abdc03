import ImageModel
import NIOCore
import Storage

/// Reads the descriptions of repositories from a label of their `latest` images.
struct ImageDescriptions: Sendable {
    /// The label: OCI Image Specification 1.1, "Annotations".
    private static let label = "org.opencontainers.image.description"
    /// The maximum length of a description in characters, as in docker-registry's table.
    private static let characterLimit = 100
    private static let latest = "latest"

    private let tree: V1Tree
    private let tags: TagLinks
    private let blobs: Blobs
    private let manifests: Manifests

    init(parts: RegistryParts) {
        self.tree = parts.tree
        self.tags = parts.tags
        self.blobs = parts.blobs
        self.manifests = parts.manifests
    }

    /// The description in the image of v1's `latest`; nil if there is none, or it cannot be read.
    func describe(_ name: V1RepositoryName) async throws -> String? {
        do {
            return try await DocumentScope.reading {
                guard let image = try await tree.tag(Self.latest, in: name)?.image,
                    let json = try await tree.json(image)
                else { return nil }
                return await Self.description(in: json)
            }
        } catch is StorageError {
            return nil
        }
    }

    /// The description in the image of v2's `latest`; nil if there is none, or it cannot be read.
    func describe(_ name: RepositoryName) async throws -> String? {
        do {
            return try await DocumentScope.reading {
                guard let tag = try? Tag(parsing: Self.latest), let digest = try await tags.read(tag, in: name) else {
                    return nil
                }
                var manifest = try await manifests.read(digest, in: name)
                if let child = manifest.manifests.first {
                    manifest = try await manifests.read(child.descriptor.digest, in: name)
                }
                guard let configuration = manifest.configuration,
                    let bytes = try await blobs.read(configuration.digest, limit: SmallFile.documentLimit)
                else { return nil }
                return await Self.description(in: bytes)
            }
        } catch is StorageError {
            return nil
        } catch RegistryError.manifestUnknown {
            return nil
        }
    }

    private static func description(in json: ByteBuffer) async -> String? {
        await HeavyWork.parsing(json.readableBytes) { parsedDescription(in: json) }
    }

    private static func parsedDescription(in json: ByteBuffer) -> String? {
        guard let document = try? JSONText(parsing: json.readableBytesView),
            let text = document["config"]?["Labels"]?[label]?.string, !text.isEmpty
        else { return nil }
        let line = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        // Counted in code points: a Swift character may consist of any number of them.
        let scalars = line.unicodeScalars
        guard scalars.dropFirst(characterLimit).isEmpty else {
            return String(String.UnicodeScalarView(scalars.prefix(characterLimit - 1))) + "…"
        }
        return line
    }
}
