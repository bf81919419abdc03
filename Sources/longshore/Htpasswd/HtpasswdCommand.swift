import ArgumentParser
import RegistryHTTP
import Storage
import SystemLibraries

/// `longshore htpasswd`: manages the users of an htpasswd file.
struct HtpasswdCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "htpasswd",
        abstract: "Add, delete, list and verify the users of an htpasswd file.",
        discussion: """
            The file is in the format that 'serve --htpasswd', registry:2, Apache and nginx read. Passwords are stored \
            as bcrypt hashes. A running server picks up changes within a second.
            """,
        subcommands: [
            HtpasswdAddCommand.self, HtpasswdDeleteCommand.self, HtpasswdListCommand.self, HtpasswdVerifyCommand.self,
        ]
    )
}

/// The htpasswd file and the user that a subcommand acts on.
struct HtpasswdUser: ParsableArguments {
    @Argument(help: "The htpasswd file.")
    var file: String

    @Argument(help: ArgumentHelp("The user.", valueName: "user"))
    var name: String

    func validate() throws {
        guard HtpasswdDocument.isName(name) else {
            throw ValidationError(
                "A user name must not contain a colon or control characters, nor begin with a space or #."
            )
        }
    }
}

/// `longshore htpasswd delete FILE USER`
struct HtpasswdDeleteCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "delete", abstract: "Delete a user from the file.")

    @OptionGroup var user: HtpasswdUser

    func run() throws {
        try OperatorError.explaining {
            var document = HtpasswdDocument(try LocalFile.read(user.file))
            guard document.remove(user.name) else {
                Console.note("longshore: no user \(user.name) in \(user.file)")
                throw ExitCode(1)
            }
            try LocalFile.replace(user.file, with: document.bytes)
            Console.say("\(user.name) deleted")
        }
    }
}

/// `longshore htpasswd list FILE`
struct HtpasswdListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the users of the file, by name, with the scheme of each password."
    )

    @Argument(help: "The htpasswd file.")
    var file: String

    func run() throws {
        try OperatorError.explaining {
            let document = HtpasswdDocument(try LocalFile.read(file))
            for (name, hash) in document.users.sorted(by: { $0.key < $1.key }) {
                Console.say("\(name)  \(hash?.scheme.rawValue ?? "unusable: unknown scheme")")
            }
            guard !document.malformedLines.isEmpty else { return }
            let lines = document.malformedLines.map(String.init).joined(separator: ", ")
            Console.note("longshore: warning: ignored malformed lines: \(lines)")
        }
    }
}

/// `longshore htpasswd verify FILE USER`
struct HtpasswdVerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Check a user's password. The exit status is 0 when it is correct, 3 when it is wrong."
    )

    @OptionGroup var user: HtpasswdUser
    @OptionGroup var password: PasswordOptions

    func run() throws {
        try OperatorError.explaining {
            let document = HtpasswdDocument(try LocalFile.read(user.file))
            let bytes = Array(try password.read(confirmed: false).utf8)
            guard document.hash(letting: user.name, inBy: bytes) != nil else {
                Console.say("the password of \(user.name) is wrong")
                throw ExitCode(3)
            }
            Console.say("the password of \(user.name) is correct")
        }
    }
}
