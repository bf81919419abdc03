import Glibc

extension ObjectReader {
    /// Tells the system that the whole object will be read once, in order. It is a hint: failures are ignored.
    ///
    /// - Parameter isFromMedium: Whether to drop what the system has cached of it, so that it is read from the medium.
    package func willReadOnce(fromMedium isFromMedium: Bool) {
        guard let fileDescriptor else { return }
        if isFromMedium { posix_fadvise(fileDescriptor, 0, 0, POSIX_FADV_DONTNEED) }
        posix_fadvise(fileDescriptor, 0, 0, POSIX_FADV_SEQUENTIAL)
    }
}
