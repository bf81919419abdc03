package import NIOCore

/// A small object that names another, and the object that it was expected to name.
package struct LinkedObject: Sendable {
    /// The most bytes of a link that are read.
    package static let linkLimit = 256

    /// The bytes of the small object; nil when there is none.
    package let link: ByteBuffer?
    /// The other one, open; nil when there is none, or no link.
    package let object: (any ObjectReader)?

    package init(link: ByteBuffer?, object: (any ObjectReader)?) {
        self.link = link
        self.object = object
    }
}

/// The steps of more than one object, for drivers to which several are no dearer than one.
extension ObjectStorage {
    package func attributes(of keys: [ObjectKey]) async throws(StorageError) -> [ObjectAttributes?] {
        var all: [ObjectAttributes?] = []
        for key in keys { all.append(try await attributes(of: key)) }
        return all
    }

    package func read(_ keys: [ObjectKey], limit: Int) async throws(StorageError) -> [ByteBuffer?] {
        var all: [ByteBuffer?] = []
        for key in keys { all.append(try await read(key, limit: limit)) }
        return all
    }

    package func open(_ key: ObjectKey, with link: ObjectKey, prefetching prefetch: Int)
        async throws(StorageError) -> LinkedObject
    {
        guard let bytes = try await read(link, limit: LinkedObject.linkLimit) else {
            return LinkedObject(link: nil, object: nil)
        }
        return LinkedObject(link: bytes, object: try await open(key))
    }
}
