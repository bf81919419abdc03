internal import COpenSSL

/// A key as libcrypto holds it, freed with its last reference.
///
/// `@unchecked Sendable`: libcrypto counts references under a lock, and nothing here changes a key that is made.
final class LoadedKey: @unchecked Sendable {
    let pointer: OpaquePointer

    /// Takes over the key.
    init(_ pointer: OpaquePointer) {
        self.pointer = pointer
    }

    deinit { EVP_PKEY_free(pointer) }
}
