import NIOCore
import Storage

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A file with known bytes that exists until the last reference to it is released.
final class TestFile: Sendable {
    let path: String
    let byteCount: Int

    /// Fills a new file with ``bytes(_:)``.
    init(byteCount: Int) throws {
        var template = Array("/tmp/longshore-test-XXXXXX".utf8CString)
        let descriptor = mkstemp(&template)
        guard descriptor >= 0 else { throw Failure.notWritable }
        defer { close(descriptor) }
        self.path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        self.byteCount = byteCount
        var written = 0
        while written < byteCount {
            let bytes = Self.bytes(written..<min(byteCount, written + (1 << 20)))
            let count = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 else { throw Failure.notWritable }
            written += count
        }
    }

    deinit { unlink(path) }

    enum Failure: Error { case notWritable }

    /// The file's bytes at these offsets.
    static func bytes(_ range: Range<Int>) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(range.count)
        while bytes.count < range.count {
            let offset = (range.lowerBound + bytes.count) % pattern.count
            bytes += pattern[offset...].prefix(range.count - bytes.count)
        }
        return bytes
    }

    /// Repeated to fill the file; its length is prime, so it aligns with no page, buffer or piece.
    private static let pattern: [UInt8] = {
        var state: UInt32 = 1
        return (0..<65_521).map { _ in
            state = state &* 1_664_525 &+ 1_013_904_223
            return UInt8(truncatingIfNeeded: state >> 24)
        }
    }()

    func shrink(to byteCount: Int) { truncate(path, off_t(byteCount)) }

    func reader() throws -> TestFileReader { try TestFileReader(self) }

    /// The number of this process's descriptors for the file.
    func openDescriptorCount() -> Int {
        (0..<4096).count { descriptor in
            var target = [CChar](repeating: 0, count: 256)
            let length = readlink("/proc/self/fd/\(descriptor)", &target, 255)
            return length > 0
                && String(decoding: target.prefix(length).map { UInt8(bitPattern: $0) }, as: UTF8.self) == path
        }
    }
}

/// An open file with a descriptor.
final class TestFileReader: ObjectReader {
    let attributes: ObjectAttributes
    let fileDescriptor: Int32?
    private let file: TestFile

    init(_ file: TestFile) throws {
        let descriptor = open(file.path, O_RDONLY)
        guard descriptor >= 0 else { throw TestFile.Failure.notWritable }
        self.file = file
        fileDescriptor = descriptor
        attributes = ObjectAttributes(kind: .object, byteCount: Int64(file.byteCount), modified: 0)
    }

    deinit { if let fileDescriptor { close(fileDescriptor) } }

    func read(at offset: Int64, byteCount: Int) async throws(StorageError) -> ByteBuffer {
        guard let fileDescriptor else { return ByteBuffer() }
        let bytes = [UInt8](unsafeUninitializedCapacity: byteCount) { buffer, count in
            count = max(0, pread(fileDescriptor, buffer.baseAddress, byteCount, off_t(offset)))
        }
        return ByteBuffer(bytes: bytes)
    }
}

/// An object without a descriptor, which ends after `available` bytes, before its announced size.
struct TestMemoryReader: ObjectReader {
    let attributes: ObjectAttributes
    let available: Int
    var fileDescriptor: Int32? { nil }

    init(byteCount: Int, available: Int? = nil) {
        attributes = ObjectAttributes(kind: .object, byteCount: Int64(byteCount), modified: 0)
        self.available = available ?? byteCount
    }

    func read(at offset: Int64, byteCount: Int) async throws(StorageError) -> ByteBuffer {
        let start = min(Int(offset), available)
        return ByteBuffer(bytes: TestFile.bytes(start..<min(start + byteCount, available)))
    }
}
