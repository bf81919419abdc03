/// The members of a JSON object in a manifest, with its path for error messages.
///
/// As in Go, keys are case-insensitive, the last of duplicate keys wins, and `null` counts as absent.
struct ManifestFields {
    private let object: JSONText
    /// The path of the object followed by a dot; empty for the manifest itself.
    private let prefix: String

    /// Takes the members of `object`; nil if it is not an object.
    init?(_ object: JSONText, prefix: String = "") {
        guard object.isObject else { return nil }
        self.object = object
        self.prefix = prefix
    }

    /// The full path of a member.
    func path(_ key: String) -> String { prefix + key }

    /// The member with this name.
    subscript(key: String) -> ManifestField? {
        object.member(folded: key.lowercased(), skipsNull: true).map { ManifestField(path: path(key), value: $0) }
    }

    /// Whether a member with this name exists, even if `null`.
    func isWritten(_ key: String) -> Bool { object.member(folded: key.lowercased(), skipsNull: false) != nil }

    /// A non-empty string, or nil.
    func text(_ key: String) throws(MalformedManifest) -> String? {
        guard let field = self[key] else { return nil }
        guard let text = field.value.string else { throw field.isNot("a string") }
        return text.isEmpty ? nil : text
    }

    /// A required digest.
    func digest(_ key: String) throws(MalformedManifest) -> Digest {
        guard let field = self[key] else { throw .missing(field: path(key)) }
        guard let text = field.value.string else { throw field.isNot("a string") }
        do { return try Digest(parsing: text) } catch { throw field.malformed("\(error)") }
    }

    /// A tarsum; nil for anything else.
    func tarsum(_ key: String) -> Tarsum? {
        self[key]?.value.string.flatMap { try? Tarsum(parsing: $0) }
    }

    /// The elements of a list of objects; none if the list is absent.
    func objects(_ key: String) throws(MalformedManifest) -> [ManifestFields] {
        var objects: [ManifestFields] = []
        for element in try elements(key) { objects.append(try element.fields()) }
        return objects
    }

    /// The elements of a list of descriptors; none if the list is absent.
    func descriptors(_ key: String) throws(MalformedManifest) -> [Descriptor] {
        var descriptors: [Descriptor] = []
        for element in try elements(key) { descriptors.append(try element.descriptor()) }
        return descriptors
    }

    /// The elements of a list of descriptors with optional platforms; none if the list is absent.
    func platformDescriptors(_ key: String) throws(MalformedManifest) -> [PlatformDescriptor] {
        var descriptors: [PlatformDescriptor] = []
        for element in try elements(key) { descriptors.append(try element.platformDescriptor()) }
        return descriptors
    }

    private func elements(_ key: String) throws(MalformedManifest) -> [ManifestField] {
        guard let field = self[key] else { return [] }
        guard let elements = field.value.elements else { throw field.isNot("a list") }
        return elements.enumerated().map { ManifestField(path: "\(field.path)[\($0)]", value: $1) }
    }
}
