package import ImageModel
import NIOCore

/// An image in a v1 tree and its ancestors, according to their JSON.
package struct V1Chain: Sendable {
    /// The images, root first.
    package let images: [V1Image]
    /// Harmless irregularities, by image.
    package let notices: [V1ImageID: [V1Notice]]

    /// Docker has never been able to mount more than 127 layers; real images do not have much longer chains.
    package static let lengthLimit = 1024

    /// The maximum total size of a chain's JSON: real images have a hundredth of it.
    package static let byteLimit = 8 << 20

    /// The image the chain was read for.
    package var top: V1Image? { images.last }

    /// Reads the chain of `top`.
    ///
    /// The JSON determines each parent, because the stored checksum covers it; the ancestry file must agree.
    /// - Parameter checkingAncestry: Whether to compare the ancestry files.
    /// - Throws: ``DamagedImage``, or `StorageError` for temporary read failures.
    package init(of top: V1ImageID, in tree: V1Tree, checkingAncestry: Bool = true) async throws {
        self = try await DocumentScope.reading {
            try await V1Chain(reading: top, in: tree, checkingAncestry: checkingAncestry)
        }
    }

    private init(reading top: V1ImageID, in tree: V1Tree, checkingAncestry: Bool) async throws {
        var byteCount = 0
        var images: [V1Image] = []
        var seen: Set<V1ImageID> = []
        var next: V1ImageID? = top
        while let id = next {
            guard seen.insert(id).inserted else { throw DamagedImage(id, .cycle) }
            guard images.count < Self.lengthLimit else {
                throw DamagedImage(top, .tooManyAncestors(limit: Self.lengthLimit))
            }
            let image = try await tree.image(id)
            byteCount += image.json.count
            guard byteCount <= Self.byteLimit else { throw DamagedImage(top, .tooMuchJSON(limit: Self.byteLimit)) }
            images.append(image)
            next = image.parent
        }
        var notices: [V1ImageID: [V1Notice]] = [:]
        let ids = images.map(\.id)
        for (index, id) in ids.enumerated() where checkingAncestry {
            if let notice = try await tree.checkAncestry(of: id, against: ids[index...]) {
                notices[id] = [notice]
            }
        }
        self.images = images.reversed()
        self.notices = notices
    }
}

extension V1Tree {
    /// Reads an image from its JSON.
    ///
    /// - Throws: ``DamagedImage``, or `StorageError` for temporary read failures.
    package func image(_ id: V1ImageID) async throws -> V1Image {
        guard let json = try await json(id) else {
            let isThere = try await layerAttributes(id) != nil
            throw DamagedImage(id, isThere ? .noJSON : .missing)
        }
        let image: V1Image
        do {
            image = try await HeavyWork.parsing(json.readableBytes) { () throws(MalformedV1Image) in
                try V1Image(parsing: Array(buffer: json))
            }
        } catch {
            throw DamagedImage(id, .malformedJSON(reason: "\(error)"))
        }
        guard image.id == id else { throw DamagedImage(id, .wrongID(found: image.id)) }
        return image
    }

    /// Compares an image's ancestry file with the images' own JSON; returns a harmless irregularity, or nil.
    ///
    /// - Parameter chain: The ids of the image, its parent, and so on to the root.
    /// - Throws: ``DamagedImage`` if the file disagrees.
    package func checkAncestry(of id: V1ImageID, against chain: some Sequence<V1ImageID>) async throws -> V1Notice? {
        guard let bytes = try await ancestry(id) else { return .noAncestry }
        do {
            guard try V1Ancestry(parsing: Array(buffer: bytes)).ids.elementsEqual(chain) else {
                throw DamagedImage(id, .contradictoryAncestry)
            }
            return nil
        } catch MalformedV1Ancestry.repeated(let repeated) {
            throw DamagedImage(id, .repeatedAncestor(repeated))
        } catch is MalformedV1Ancestry {
            return .unreadableAncestry
        }
    }
}
