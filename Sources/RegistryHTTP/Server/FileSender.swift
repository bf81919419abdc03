import NIOCore
import NIOHTTP1

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Sends files through a channel, one after the other, in `sendfile` pieces.
///
/// Confined to the channel's event loop. Keeps a file's reader until the kernel has accepted the last byte or the
/// channel is closed, and completes each promise exactly once.
final class FileSender {
    private struct Job {
        let body: FileBody
        let handle: NIOFileHandle
        let promise: EventLoopPromise<Void>?
        var transfer: FileTransfer
    }

    private var job: Job?
    private var isCheckScheduled = false

    /// Whether a file is being sent.
    var isSending: Bool { job != nil }

    /// Starts sending. The head must have been written, and nothing else may be written until `promise` completes.
    func send(_ body: FileBody, context: ChannelHandlerContext, promise: EventLoopPromise<Void>?) {
        precondition(job == nil, "one file at a time")
        job = Job(
            body: body,
            handle: NIOFileHandle(_deprecatedTakingOwnershipOfDescriptor: body.descriptor),
            promise: promise,
            transfer: FileTransfer(body.range)
        )
        sendPiece(context: context)
    }

    /// Aborts the current file because the channel is closed or about to be.
    func fail(_ error: any Error) {
        guard let job else { return }
        release(job)
        job.promise?.fail(ResponseCut(byteCount: job.transfer.sentByteCount, reason: error))
    }

    private func sendPiece(context: ChannelHandlerContext) {
        guard let descriptor = job?.body.descriptor else { return }
        switch job?.transfer.next(fileByteCount: Self.byteCount(of: descriptor)) {
        case .send(let piece): write(piece, context: context)
        case .finish: finish(context: context)
        case .abandon: abandon(context: context)
        case nil: break
        }
    }

    private func write(_ piece: Range<Int64>, context: ChannelHandlerContext) {
        guard let handle = job?.handle else { return }
        let region = FileRegion(
            fileHandle: handle,
            readerIndex: Int(piece.lowerBound),
            endIndex: Int(piece.upperBound)
        )
        let part = HTTPServerResponsePart.body(.fileRegion(region))
        let written = context.eventLoop.makePromise(of: Void.self)
        written.futureResult.assumeIsolated().whenComplete { result in
            switch result {
            case .success: self.pieceSent(context: context)
            case .failure(let error): self.fail(error)
            }
        }
        context.writeAndFlush(NIOAny(part), promise: written)
        if job?.transfer.isSending == true { scheduleCheck(context: context) }
    }

    /// Sends the next piece in the event loop's next turn, so that a fast client does not keep others waiting.
    private func pieceSent(context: ChannelHandlerContext) {
        job?.transfer.pieceSent()
        context.eventLoop.assumeIsolated().execute { self.sendPiece(context: context) }
    }

    private func finish(context: ChannelHandlerContext) {
        guard let job else { return }
        release(job)
        context.write(NIOAny(HTTPServerResponsePart.end(nil)), promise: nil)
        job.promise?.succeed()
    }

    private func abandon(context: ChannelHandlerContext) {
        fail(FileShrank())
        // The head may still be waiting for the first piece.
        context.flush()
        context.close(promise: nil)
    }

    private func scheduleCheck(context: ChannelHandlerContext) {
        guard !isCheckScheduled else { return }
        isCheckScheduled = true
        context.eventLoop.assumeIsolated().scheduleTask(in: .seconds(1)) {
            self.isCheckScheduled = false
            guard let job = self.job else { return }
            if job.transfer.canGoOn(fileByteCount: Self.byteCount(of: job.body.descriptor)) {
                self.scheduleCheck(context: context)
            } else {
                self.abandon(context: context)
            }
        }
    }

    /// Returns the descriptor to its reader, and releases the reader.
    private func release(_ job: Job) {
        self.job = nil
        do {
            _ = try job.handle.takeDescriptorOwnership()
        } catch {
            assertionFailure("the handle must not be closed elsewhere: \(error)")
        }
    }

    /// The current size; 0 when it cannot be determined, which ends the transfer.
    private static func byteCount(of descriptor: Int32) -> Int64 {
        var status = stat()
        return fstat(descriptor, &status) == 0 ? Int64(status.st_size) : 0
    }
}

/// A file became shorter than the announced length.
struct FileShrank: Error, CustomStringConvertible {
    var description: String { "the file became shorter while it was being sent" }
}
