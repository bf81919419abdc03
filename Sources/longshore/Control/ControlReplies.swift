import Foundation
import NIOCore
import Synchronization

/// The replies to one command, sent in order.
///
/// A task's output is queued, because tasks write it where they cannot wait for the client.
final class ControlReplies: Sendable {
    /// The maximum size of queued output, in bytes.
    private static let limit = 64 << 20
    /// The size of queued output above which tasks that list without limit wait, in bytes.
    private static let drainedByteCount = 1 << 20

    private let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    private let queue: AsyncStream<ByteBuffer>
    private let input: AsyncStream<ByteBuffer>.Continuation
    private let byteCount = Atomic(0)

    init(_ outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>) {
        self.outbound = outbound
        (queue, input) = AsyncStream.makeStream()
    }

    /// Queues a piece of output. If the client does not read it, sending ends.
    func enqueue(_ line: OperatorLine) { enqueue(.line(line)) }

    /// Queues the last reply.
    func finish(_ reply: ControlReply) {
        enqueue(reply)
        input.finish()
    }

    /// Ends sending: the client is gone.
    func stop() { input.finish() }

    /// Returns when little output is queued.
    func drain() async throws {
        while byteCount.load(ordering: .relaxed) > Self.drainedByteCount {
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    /// Sends what is queued, until the last reply is sent.
    func send() async throws {
        for await bytes in queue {
            byteCount.subtract(bytes.readableBytes, ordering: .relaxed)
            try await outbound.write(bytes)
        }
    }

    private func enqueue(_ reply: ControlReply) {
        guard let bytes = try? JSONEncoder().encode(reply) + Data("\n".utf8) else { return }
        let count = byteCount.add(bytes.count, ordering: .relaxed).newValue
        if count > Self.limit { input.finish() } else { input.yield(ByteBuffer(bytes: bytes)) }
    }
}
