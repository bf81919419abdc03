/// The content of a v1 image's `ancestry`: a JSON list of ids, the image itself first and its base last.
package struct V1Ancestry: Hashable, Sendable {
    /// The ids; never empty, none twice.
    package let ids: [V1ImageID]

    /// Parses the file, which another program wrote and which is not trusted.
    package init(parsing json: [UInt8]) throws(MalformedV1Ancestry) {
        let document: JSONText
        do { document = try JSONText(parsing: json) } catch { throw .notJSON(error) }
        guard let elements = document.elements else { throw .notAList }
        guard !elements.isEmpty else { throw .empty }
        var ids: [V1ImageID] = []
        var seen: Set<V1ImageID> = []
        for element in elements {
            let id: V1ImageID
            do { id = try V1ImageID(parsing: element.string ?? element.quoted) } catch {
                throw .malformedID(error.text)
            }
            guard seen.insert(id).inserted else { throw .repeated(id) }
            ids.append(id)
        }
        self.ids = ids
    }

    /// The ancestry of `id`, whose parent has the ancestry `parent`.
    ///
    /// - Throws: ``MalformedV1Ancestry/repeated(_:)`` if the image would be its own ancestor.
    package init(of id: V1ImageID, below parent: V1Ancestry?) throws(MalformedV1Ancestry) {
        let ancestors = parent?.ids ?? []
        guard !ancestors.contains(id) else { throw .repeated(id) }
        self.ids = [id] + ancestors
    }

    /// The file's bytes as docker-registry writes them: `["ID", "PARENT"]`.
    package var encoded: [UInt8] { JSONValue.array(ids.map { .string($0.description) }).pythonEncoded() }
}

/// Why a text is not the `ancestry` of a v1 image.
package enum MalformedV1Ancestry: Error, Equatable, CustomStringConvertible {
    /// It is not JSON.
    case notJSON(JSONSyntaxError)
    /// It is JSON, but no list.
    case notAList
    /// The list is empty.
    case empty
    /// An element is not an image id; what it is instead.
    case malformedID(String)
    /// An id stands in it twice: the image would be its own ancestor.
    case repeated(V1ImageID)

    package var description: String {
        switch self {
        case .notJSON(let error): "the ancestry is \(error)"
        case .notAList: "the ancestry is not a list"
        case .empty: "the ancestry is empty"
        case .malformedID(let text): "'\(text)' in the ancestry is not an image id"
        case .repeated(let id): "\(id) stands twice in the ancestry"
        }
    }
}
