import ImageModel

/// The image configuration that Docker 1.10 and later derive from the topmost v1 image, the DiffIDs and the history.
///
/// Its SHA-256 is the image id that the engine shows, so its bytes must match the engine's exactly.
struct DerivedConfiguration {
    /// The bytes of the configuration.
    let bytes: [UInt8]

    /// For older versions the JSON passes through the typed record, which drops unknown fields.
    private static let firstCarriedVersion = DockerVersion("1.8.3")

    /// Fields of a v1 image that a configuration does not have.
    private static let droppedKeys = ["id", "parent", "Size", "parent_id", "layer_id", "throwaway"]

    /// Creates the configuration of `image`, parsed as `record`; DiffIDs and history are bottom first.
    init(
        top image: V1Image,
        record: V1Record,
        diffIDs: [Digest],
        history: [HistoryEntry]
    ) throws(GoTypeMismatch) {
        var members: [GoKey: [UInt8]] = [:]
        if record.dockerVersion < Self.firstCarriedVersion {
            for member in record.record.encodedMembers { members[GoKey(member.key)] = member.json }
        } else {
            var stored = GoRecord.storedImage
            try stored.assign(image.document)
            for member in image.document.members ?? [] {
                members[GoKey(member.key)] = member.value.compacted(escapingHTML: true)
            }
        }
        for key in Self.droppedKeys { members[GoKey(key)] = nil }
        members[GoKey("rootfs")] = Self.rootFileSystem(diffIDs)
        members[GoKey("history")] = Self.encoded(history)

        var writer = JSONWriter(.go)
        writer.object { writer in
            for (key, json) in members.sorted(by: { $0.key < $1.key }) {
                writer.key(key.text)
                writer.raw(json)
            }
        }
        self.bytes = writer.bytes
    }

    private static func rootFileSystem(_ diffIDs: [Digest]) -> [UInt8] {
        var writer = JSONWriter(.go)
        writer.object { writer in
            writer.key("type")
            writer.string("layers")
            guard !diffIDs.isEmpty else { return }
            writer.key("diff_ids")
            writer.array { writer in
                for diffID in diffIDs { writer.string(diffID.description) }
            }
        }
        return writer.bytes
    }

    private static func encoded(_ history: [HistoryEntry]) -> [UInt8] {
        var writer = JSONWriter(.go)
        writer.array { writer in
            for entry in history { entry.write(to: &writer) }
        }
        return writer.bytes
    }
}
