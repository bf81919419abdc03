internal import COpenSSL
package import ImageModel

/// A digest computed incrementally. Its state can be copied, saved and restored between any two updates.
///
/// Copies are independent, so the digest so far costs one copy and does not end the computation. It uses OpenSSL's
/// low-level contexts, which are plain values.
package struct StreamingDigest: Sendable {
    /// The state of the hash function, by algorithm.
    enum Context: Sendable {
        case sha256(SHA256_CTX)
        case sha512(SHA512_CTX)
    }

    /// The hash function.
    package let algorithm: Digest.Algorithm
    /// The number of bytes hashed.
    package private(set) var byteCount: Int64
    /// The state after those bytes.
    private(set) var context: Context

    /// Creates the digest of no bytes.
    package init(_ algorithm: Digest.Algorithm) {
        self.init(algorithm, context: Context(initial: algorithm), byteCount: 0)
    }

    /// Continues from `context`, the state after `byteCount` bytes.
    init(_ algorithm: Digest.Algorithm, context: Context, byteCount: Int64) {
        self.algorithm = algorithm
        self.context = context
        self.byteCount = byteCount
    }

    /// Adds the next bytes.
    package mutating func update(_ bytes: UnsafeRawBufferPointer) {
        switch context {
        case .sha256(var state):
            SHA256_Update(&state, bytes.baseAddress, bytes.count)
            context = .sha256(state)
        case .sha512(var state):
            SHA512_Update(&state, bytes.baseAddress, bytes.count)
            context = .sha512(state)
        }
        byteCount += Int64(bytes.count)
    }

    /// Adds the next bytes. Fast for contiguous storage.
    package mutating func update(_ bytes: some Collection<UInt8>) {
        let isDone: Void? = bytes.withContiguousStorageIfAvailable { update(UnsafeRawBufferPointer($0)) }
        if isDone == nil { Array(bytes).withUnsafeBytes { update($0) } }
    }

    /// The digest of the bytes so far. More may follow.
    package func digest() -> Digest { Digest(algorithm, hash: hash()) }

    /// The raw hash of the bytes so far. More may follow.
    func hash() -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: algorithm.hexDigitCount / 2) { buffer, count in
            switch context {
            case .sha256(var state): SHA256_Final(buffer.baseAddress, &state)
            case .sha512(var state): SHA512_Final(buffer.baseAddress, &state)
            }
            count = buffer.count
        }
    }
}

extension StreamingDigest.Context {
    /// The state before the first byte.
    init(initial algorithm: Digest.Algorithm) {
        switch algorithm {
        case .sha256:
            var state = SHA256_CTX()
            SHA256_Init(&state)
            self = .sha256(state)
        case .sha512:
            var state = SHA512_CTX()
            SHA512_Init(&state)
            self = .sha512(state)
        }
    }
}

extension Digest {
    /// The digest of `bytes`. Fast for contiguous storage.
    package init(_ algorithm: Algorithm, of bytes: some Collection<UInt8>) {
        var hash = StreamingDigest(algorithm)
        hash.update(bytes)
        self = hash.digest()
    }
}
