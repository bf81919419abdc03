package import NIOCore

/// A small link object, and the object it was expected to point to.
package struct LinkedObject: Sendable {
    /// The maximum size of a link in bytes.
    package static let linkLimit = 256

    /// The content of the link; nil if there is none.
    package let link: ByteBuffer?
    /// The target, opened; nil if it or the link does not exist.
    package let object: (any ObjectReader)?

    package init(link: ByteBuffer?, object: (any ObjectReader)?) {
        self.link = link
        self.object = object
    }
}

/// Default implementations of multi-object operations, for drivers that gain nothing by batching.
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
