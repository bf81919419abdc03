import ImageModel

/// What manifests reference, as registry:2 lists it in notifications.
enum NotificationReferences {
    /// The type that registry:2 gives the layers of schema1.
    private static let schema1Layer = "application/vnd.docker.container.image.rootfs.diff+x-gtar"

    /// The descriptors in a manifest: of its configuration and its layers, or of the manifests of an index.
    static func all(in manifest: [UInt8]) -> [JSONValue] {
        guard let document = try? JSONValue(parsing: manifest) else { return [] }
        let layers = (document["fsLayers"]?.array ?? []).compactMap { $0["blobSum"]?.string }
        if !layers.isEmpty {
            return layers.map { digest in
                .object([
                    JSONMember(key: "mediaType", value: .string(schema1Layer)),
                    JSONMember(key: "digest", value: .string(digest)),
                ])
            }
        }
        let lists = ["layers", "manifests"].flatMap { document[$0]?.array ?? [] }
        return ([document["config"]].compactMap(\.self) + lists).map(descriptor)
    }

    /// The members that registry:2 repeats, in its order, without those that are empty.
    private static func descriptor(_ descriptor: JSONValue) -> JSONValue {
        .object(
            ["mediaType", "size", "digest", "urls", "annotations"].compactMap { key -> JSONMember? in
                guard let value = descriptor[key], !value.isEmpty else { return nil }
                guard let members = value.object else { return JSONMember(key: key, value: value) }
                return JSONMember(key: key, value: .object(members.sorted { $0.key < $1.key }))
            }
        )
    }
}

extension JSONValue {
    /// Whether Go leaves it out of JSON.
    fileprivate var isEmpty: Bool {
        switch self {
        case .null: true
        case .boolean(let flag): !flag
        case .number(let number): number == "0"
        case .string(let text): text.isEmpty
        case .array(let elements): elements.isEmpty
        case .object(let members): members.isEmpty
        }
    }
}
