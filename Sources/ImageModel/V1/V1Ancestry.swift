/// The content of a v1 image's `ancestry`: a JSON list of ids, the image itself first and its base last.
package struct V1Ancestry: Hashable, Sendable {
    /// The ids; never empty, without duplicates.
    package let ids: [V1ImageID]

    /// Parses the untrusted file, which another program may have written.
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

    /// The file's bytes in docker-registry's format: `["ID", "PARENT"]`.
    package var encoded: [UInt8] { JSONValue.array(ids.map { .string($0.description) }).pythonEncoded() }
}

/// The reason why data is not the `ancestry` of a v1 image.
package enum MalformedV1Ancestry: Error, Equatable, CustomStringConvertible {
    /// It is not JSON.
    case notJSON(JSONSyntaxError)
    /// It is JSON, but not a list.
    case notAList
    /// The list is empty.
    case empty
    /// An element is not an image id; carries the element.
    case malformedID(String)
    /// An id appears twice: the image would be its own ancestor.
    case repeated(V1ImageID)

    package var description: String {
        switch self {
        case .notJSON(let error): "the ancestry is \(error)"
        case .notAList: "the ancestry is not a list"
        case .empty: "the ancestry is empty"
        case .malformedID(let text): "'\(text)' in the ancestry is not an image id"
        case .repeated(let id): "\(id) appears twice in the ancestry"
        }
    }
}
