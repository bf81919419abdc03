import ArgumentParser
import Foundation

/// The source of a password: the terminal, standard input, or the command line.
struct PasswordOptions: ParsableArguments {
    @Option(
        name: [.customShort("b"), .customLong("password")],
        help: ArgumentHelp(
            "The password; visible to other users of this machine. (default: prompt, or read standard input)",
            valueName: "password"
        )
    )
    var given: String?

    /// The password.
    ///
    /// - Parameter confirmed: Whether a terminal user must type it twice.
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

    /// Prompts on the terminal with echo off.
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

/// A password could not be read.
enum UnusablePassword: Error, CustomStringConvertible {
    case missing
    case different

    var description: String {
        switch self {
        case .missing: "no password was given: type it when asked, pipe it into standard input, or use --password"
        case .different: "the passwords do not match"
        }
    }
}
