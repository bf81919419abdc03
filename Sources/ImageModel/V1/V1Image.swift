/// A v1 image: the `json` that a client pushed, kept byte for byte, and the fields parsed from it.
package struct V1Image: Sendable {
    /// The bytes as they were pushed.
    package let json: [UInt8]
    /// The value of `id`.
    package let id: V1ImageID
    /// The value of `parent`; nil for a base, whose `parent` is absent, null or empty.
    package let parent: V1ImageID?
    /// The value of `architecture`, if it is a non-empty string: `amd64`.
    package let declaredArchitecture: String?
    /// The value of `os`, if it is a non-empty string: `linux`.
    package let declaredOS: String?

    /// Parses an image's untrusted `json`, from the network or a file.
    ///
    /// Keys are matched exactly, and the last of duplicate keys wins, as in docker-registry.
    package init(parsing json: [UInt8]) throws(MalformedV1Image) {
        let document: JSONText
        do { document = try JSONText(parsing: json) } catch { throw .notJSON(error) }
        guard document.isObject else { throw .notAnObject }
        guard let id = document["id"] else { throw .noID }
        self.json = json
        do { self.id = try V1ImageID(parsing: id.string ?? id.quoted) } catch { throw .malformedID(error.text) }
        do { self.parent = try Self.parent(in: document) } catch { throw .malformedParent(error.text) }
        self.declaredArchitecture = document["architecture"]?.string.flatMap { $0.isEmpty ? nil : $0 }
        self.declaredOS = document["os"]?.string.flatMap { $0.isEmpty ? nil : $0 }
    }

    /// The bytes as a JSON object, parsed on each access: it takes several times their memory.
    package var document: JSONText {
        // Cannot fail: they were parsed when the image was created.
        (try? JSONText(parsing: json)) ?? .null
    }

    private static func parent(in document: JSONText) throws(MalformedV1ImageID) -> V1ImageID? {
        guard let parent = document["parent"], !parent.isNull, parent.string != "" else { return nil }
        return try V1ImageID(parsing: parent.string ?? parent.quoted)
    }
}

/// The reason why data is not the `json` of a v1 image.
package enum MalformedV1Image: Error, Equatable, CustomStringConvertible {
    /// It is not JSON.
    case notJSON(JSONSyntaxError)
    /// It is JSON, but not an object.
    case notAnObject
    /// It has no `id`.
    case noID
    /// Its `id` is not an image id; carries the value.
    case malformedID(String)
    /// Its `parent` is not an image id; carries the value.
    case malformedParent(String)

    package var description: String {
        switch self {
        case .notJSON(let error): "the image's json is \(error)"
        case .notAnObject: "the image's json is not an object"
        case .noID: "the image's json has no id"
        case .malformedID(let text): "the id '\(text)' in the image's json is not an image id"
        case .malformedParent(let text): "the parent '\(text)' in the image's json is not an image id"
        }
    }
}
