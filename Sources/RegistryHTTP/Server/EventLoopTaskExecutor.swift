import NIOCore

/// Runs the task of a connection on the event loop of its channel, so that a short answer changes threads no more often
/// than it reads files. Long work belongs elsewhere: see ``RegistryService``.
final class EventLoopTaskExecutor: TaskExecutor {
    private let eventLoop: any EventLoop

    init(_ eventLoop: any EventLoop) { self.eventLoop = eventLoop }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        eventLoop.execute { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
