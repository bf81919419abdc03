import Glibc
import Synchronization

/// A child process whose exit can be observed.
///
/// Unlike `Foundation.Process`, which considers a child running as long as any of its own children does.
final class ChildProcess: Sendable {
    let processID: pid_t
    private let exitStatus = Mutex<Int32?>(nil)

    /// Starts a program, without input and with its output in two files.
    init(
        _ path: String,
        _ arguments: [String],
        environment: [String: String],
        output: String,
        errors: String
    ) throws(SpawnFailure) {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_APPEND, 0o666)
        posix_spawn_file_actions_addopen(&actions, 2, errors, O_WRONLY | O_CREAT | O_APPEND, 0o666)
        // The threads that run tests block signals, which a child would inherit.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var mask = sigset_t()
        sigemptyset(&mask)
        posix_spawnattr_setsigmask(&attributes, &mask)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))

        var words = ([path] + arguments).map { strdup($0) } + [nil]
        var variables = environment.map { strdup("\($0)=\($1)") } + [nil]
        defer { for word in words + variables { free(word) } }
        var id: pid_t = 0
        let code = posix_spawn(&id, path, &actions, &attributes, &words, &variables)
        guard code == 0 else { throw SpawnFailure(path: path, code: code) }
        processID = id
    }

    /// Its exit status, or 128 plus the signal that ended it; nil while it runs.
    var status: Int32? {
        exitStatus.withLock { known in
            if known != nil { return known }
            var status: Int32 = 0
            guard waitpid(processID, &status, WNOHANG) == processID else { return nil }
            let signal = status & 0x7F
            known = signal == 0 ? status >> 8 & 0xFF : 128 + signal
            return known
        }
    }

    /// Sends it a signal, unless it has ended.
    func send(_ signal: Int32) { if status == nil { kill(processID, signal) } }
}

/// A program could not be started.
struct SpawnFailure: Error, CustomStringConvertible {
    let path: String
    let code: Int32
    var description: String { "\(path): \(String(cString: strerror(code)))" }
}
