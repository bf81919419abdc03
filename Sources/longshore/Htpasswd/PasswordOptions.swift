import ArgumentParser
import Foundation

/// Where a password comes from: the terminal, standard input, or the command line.
struct PasswordOptions: ParsableArguments {
    @Option(
        name: [.customShort("b"), .customLong("password")],
        help: ArgumentHelp(
            "The password. Others on this machine can see it; without it, it is asked for, or read from standard input.",
            valueName: "password"
        )
    )
    var given: String?

    /// The password.
    ///
    /// - Parameter confirmed: Whether it is asked for twice on a terminal.
    /// - Throws: ``UnusablePassword``.
    func read(confirmed: Bool) throws -> String {
        if let given { return given }
        guard isatty(FileHandle.standardInput.fileDescriptor) == 1 else {
            guard let line = readLine() else { throw UnusablePassword.missing }
            return line
        }
        let password = try Self.ask("Password: ")
        if confirmed, try Self.ask("Again: ") != password { throw UnusablePassword.different }
        return password
    }

    /// Asks on the terminal, which does not show what is typed.
    private static func ask(_ prompt: String) throws -> String {
        Console.note(part: prompt)
        defer { Console.note("") }
        let descriptor = FileHandle.standardInput.fileDescriptor
        var shown = termios()
        guard tcgetattr(descriptor, &shown) == 0 else { throw UnusablePassword.missing }
        var hidden = shown
        hidden.c_lflag &= ~tcflag_t(ECHO)
        tcsetattr(descriptor, TCSAFLUSH, &hidden)
        defer { tcsetattr(descriptor, TCSAFLUSH, &shown) }
        guard let line = readLine() else { throw UnusablePassword.missing }
        return line
    }
}

/// Why there is no password.
enum UnusablePassword: Error, CustomStringConvertible {
    case missing
    case different

    var description: String {
        switch self {
        case .missing: "no password was given: type it when asked, pipe it into standard input, or use --password"
        case .different: "the two passwords are different"
        }
    }
}
