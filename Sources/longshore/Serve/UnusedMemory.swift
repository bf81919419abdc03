import Glibc
import ServiceLifecycle

/// Returns memory to the system after load peaks: glibc keeps freed memory that lies between pieces in use
/// (malloc_trim(3)).
struct UnusedMemory: Service {
    private static let interval = Duration.seconds(10)
    /// Below this much memory, trimming gains nothing.
    private static let worthwhileByteCount = 96 << 20

    func run() async throws {
        // malloc.h is not imported by Swift.
        guard let program = dlopen(nil, RTLD_NOW), let symbol = dlsym(program, "malloc_trim") else { return }
        let trim = unsafeBitCast(symbol, to: (@convention(c) (Int) -> Int32).self)
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do { try await Task.sleep(for: Self.interval) } catch { return }
                if Self.residentByteCount > Self.worthwhileByteCount { _ = trim(0) }
            }
        }
    }

    /// The process's resident memory; 0 where the system does not report it.
    private static var residentByteCount: Int {
        guard let file = fopen("/proc/self/statm", "r") else { return 0 }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 128)
        guard fgets(&line, Int32(line.count), file) != nil else { return 0 }
        let text = String(decoding: line.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        let pages = text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        return pages.multipliedReportingOverflow(by: Int(getpagesize())).partialValue
    }
}
