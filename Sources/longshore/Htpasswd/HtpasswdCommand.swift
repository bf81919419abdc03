import ArgumentParser

/// `longshore htpasswd`: the users of a file.
struct HtpasswdCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "htpasswd",
        abstract: "Add, delete, list and verify the users of an htpasswd file.",
        discussion: """
            The file is the one that 'serve --htpasswd' reads, registry:2, Apache and nginx too. Passwords are stored as bcrypt \
            hashes. A server that runs takes note of a change within a second.
            """,
        subcommands: [
            HtpasswdAddCommand.self, HtpasswdDeleteCommand.self, HtpasswdListCommand.self, HtpasswdVerifyCommand.self,
        ]
    )
}
