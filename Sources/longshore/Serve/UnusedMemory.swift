import Glibc
import ServiceLifecycle

/// Gives memory back to the system that many clients at once have made the process take: glibc keeps what is freed in the
/// midst of what is in use (malloc_trim(3)).
struct UnusedMemory: Service {
    private static let interval = Duration.seconds(10)
    /// Below this much memory there is nothing to win.
    private static let worthwhileByteCount = 96 << 20

    func run() async throws {
        // malloc.h is no header that Swift imports.
        guard let program = dlopen(nil, RTLD_NOW), let symbol = dlsym(program, "malloc_trim") else { return }
        let trim = unsafeBitCast(symbol, to: (@convention(c) (Int) -> Int32).self)
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do { try await Task.sleep(for: Self.interval) } catch { return }
                if Self.residentByteCount > Self.worthwhileByteCount { _ = trim(0) }
            }
        }
    }

    /// How much memory the process has; 0 where the system does not say.
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
