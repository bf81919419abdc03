package import ImageModel
import SystemLibraries

/// A v2 image as a chain of v1 images, for engines before Docker 1.6.
///
/// Ids and JSON are the same as in the image's schema1 form, so that engines agree on them whether they pull through v1
/// or schema1. Observed: distribution 2.8.2's conversion of schema2 for Docker 1.9.
package struct ProjectedChain: Sendable, Equatable {
    /// The images, root first; never empty.
    package let images: [ProjectedImage]

    /// The maximum length of a chain: Docker mounts 127 layers, but 4 MiB of JSON can list 200,000 steps, each of which
    /// becomes an image.
    static let lengthLimit = 4096

    /// Projects a schema2 or OCI image.
    ///
    /// - Parameters:
    ///   - configuration: The bytes of its configuration.
    ///   - layers: The digests of its stored layers, bottom first.
    package init(configuration: [UInt8], layers: [Digest]) throws(UnprojectableImage) {
        guard let document = try? JSONText(parsing: configuration), document.isObject else {
            throw .malformedConfiguration
        }
        let entries = ProjectedHistory(document, layerCount: layers.count).entries
        guard entries.count <= Self.lengthLimit else { throw .tooLong(limit: Self.lengthLimit) }
        let links = Self.links(entries.map(\.isEmptyLayer), layers, configuration)
        self.images = entries.indices.map { index in
            let (id, layer) = links[index]
            let parent = index == 0 ? nil : links[index - 1].id
            let json =
                index == entries.count - 1
                ? Self.topJSON(document, id: id, parent: parent, isEmptyLayer: entries[index].isEmptyLayer)
                : entries[index].json(id: id, parent: parent)
            return ProjectedImage(id: id, json: json, layer: layer)
        }
    }

    /// The ids of a schema2 or OCI image, root first: the same as from ``init(configuration:layers:)``, but cheaper.
    package static func ids(configuration: [UInt8], layers: [Digest]) throws(UnprojectableImage) -> [V1ImageID] {
        guard let document = try? JSONText(parsing: configuration), document.isObject else {
            throw .malformedConfiguration
        }
        let areEmpty = ProjectedHistory.areEmptyLayers(document, layerCount: layers.count)
        guard areEmpty.count <= Self.lengthLimit else { throw .tooLong(limit: Self.lengthLimit) }
        return links(areEmpty, layers, configuration).map(\.id)
    }

    /// Takes the images of a schema1 manifest, byte for byte.
    ///
    /// Adjacent entries with the same id are one image, and the lower one counts: Docker 1.6 and 1.7 push some twice.
    package init(_ manifest: Manifest.Schema1) throws(UnprojectableImage) {
        guard manifest.history.count <= Self.lengthLimit else { throw .tooLong(limit: Self.lengthLimit) }
        var images: [ProjectedImage] = []
        var expectedParent: V1ImageID??
        for (index, text) in manifest.history.enumerated() {
            let image: V1Image
            do { image = try V1Image(parsing: Array(text.utf8)) } catch { throw .malformedHistory(index: index, error) }
            let projected = ProjectedImage(id: image.id, json: image.json, layer: manifest.layers[index])
            if image.id == images.last?.id {
                images.removeLast()
            } else if let expectedParent, expectedParent != image.id {
                throw .brokenChain(index: index)
            }
            images.append(projected)
            expectedParent = .some(image.parent)
        }
        guard !images.isEmpty else { throw .empty }
        self.images = images.reversed()
    }

    /// The id and layer of each image, root first.
    private static func links(
        _ areEmptyLayers: [Bool],
        _ layers: [Digest],
        _ configuration: [UInt8]
    ) -> [(id: V1ImageID, layer: Digest)] {
        var remaining = layers[...]
        var links: [(id: V1ImageID, layer: Digest)] = []
        for (index, isEmptyLayer) in areEmptyLayers.enumerated() {
            let layer = isEmptyLayer ? EmptyLayer.digest : remaining.popFirst() ?? EmptyLayer.digest
            let isTop = index == areEmptyLayers.count - 1
            let id = Self.id(layer: layer, parent: links.last?.id, configuration: isTop ? configuration : nil)
            links.append((id, layer))
        }
        return links
    }

    private static func id(layer: Digest, parent: V1ImageID?, configuration: [UInt8]?) -> V1ImageID {
        var hash = StreamingDigest(.sha256)
        hash.update(Array("\(layer.hex) \(parent?.description ?? "")".utf8))
        if let configuration { hash.update([UInt8(ascii: " ")] + configuration) }
        return V1ImageID(hash.digest())
    }

    /// The configuration's members in the order of a Go map, with the image's id and parent instead of the members that
    /// only a configuration has.
    private static func topJSON(
        _ configuration: JSONText,
        id: V1ImageID,
        parent: V1ImageID?,
        isEmptyLayer: Bool
    ) -> [UInt8] {
        var members: [GoKey: [UInt8]] = [:]
        for member in configuration.members ?? [] {
            members[GoKey(member.key)] = member.value.compacted(escapingHTML: true)
        }
        members[GoKey("rootfs")] = nil
        members[GoKey("history")] = nil
        members[GoKey("id")] = Array("\"\(id)\"".utf8)
        members[GoKey("parent")] = parent.map { Array("\"\($0)\"".utf8) }
        if isEmptyLayer { members[GoKey("throwaway")] = Array("true".utf8) }
        var writer = JSONWriter(.go)
        writer.object { writer in
            for (key, json) in members.sorted(by: { $0.key < $1.key }) {
                writer.key(key.text)
                writer.raw(json)
            }
        }
        return writer.bytes
    }
}
