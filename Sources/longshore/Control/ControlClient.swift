import Foundation
import NIOCore
import NIOPosix

/// Sends tasks to the server of a directory.
enum ControlClient {
    /// Has the server of the directory at `root` perform `task`.
    ///
    /// - Parameter output: Takes what the task prints.
    /// - Returns: The exit status; nil if no server is listening there.
    static func perform<Task: OperatorTask>(_ task: Task, root: String, _ output: OperatorOutput) async throws -> Int32?
    {
        guard let channel = try await connect(root) else { return nil }
        // The server logs them.
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let request = ControlRequest(task: Task.name, arguments: try encoder.encode(task))
        let line = try JSONEncoder().encode(request) + Data("\n".utf8)
        return try await channel.executeThenClose { inbound, outbound in
            try await outbound.write(ByteBuffer(bytes: line))
            for try await line in ControlLines(inbound, limit: .max) {
                switch try JSONDecoder().decode(ControlReply.self, from: Data(line.readableBytesView)) {
                case .line(let line): output.write(line)
                case .finished(let status): return status
                case .failed(let reason): throw ControlFailure(description: reason)
                }
            }
            throw ControlFailure(description: "the server ended before the command was done")
        }
    }

    private static func connect(_ root: String) async throws -> NIOAsyncChannel<ByteBuffer, ByteBuffer>? {
        let socket: ControlSocket
        do { socket = try ControlSocket(below: root) } catch { return nil }
        do {
            let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
                .connect(unixDomainSocketPath: socket.path) { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                    }
                }
            withExtendedLifetime(socket) {}
            return channel
        } catch let error as IOError where [ENOENT, ECONNREFUSED, ENXIO].contains(error.errnoCode) {
            return nil
        } catch let error as IOError where error.errnoCode == EACCES {
            throw ControlFailure(
                description: "cannot reach the server of \(root): only root and the server's user may"
            )
        }
    }
}

/// Why the server did not perform a task.
struct ControlFailure: Error, CustomStringConvertible {
    let description: String
}

/// The lines of a connection, without their ends.
struct ControlLines: AsyncSequence {
    private let inbound: NIOAsyncChannelInboundStream<ByteBuffer>
    private let limit: Int

    /// - Parameter limit: The maximum length of a line, in bytes.
    init(_ inbound: NIOAsyncChannelInboundStream<ByteBuffer>, limit: Int) {
        self.inbound = inbound
        self.limit = limit
    }

    func makeAsyncIterator() -> Iterator { Iterator(inbound.makeAsyncIterator(), limit: limit) }

    struct Iterator: AsyncIteratorProtocol {
        private var pieces: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
        private let limit: Int
        private var buffered = ByteBuffer()
        /// The number of buffered bytes that hold no line end.
        private var searched = 0

        fileprivate init(_ pieces: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator, limit: Int) {
            self.pieces = pieces
            self.limit = limit
        }

        mutating func next() async throws -> ByteBuffer? {
            while true {
                if let end = buffered.readableBytesView.dropFirst(searched).firstIndex(of: UInt8(ascii: "\n")) {
                    let line = buffered.readSlice(length: end - buffered.readerIndex)
                    buffered.moveReaderIndex(forwardBy: 1)
                    buffered.discardReadBytes()
                    searched = 0
                    return line
                }
                searched = buffered.readableBytes
                guard searched <= limit else { throw ControlFailure(description: "the command's request is too long") }
                guard let piece = try await pieces.next() else { return nil }
                buffered.writeImmutableBuffer(piece)
            }
        }
    }
}
