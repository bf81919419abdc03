import ArgumentParser

/// The program: one subcommand for each thing that an operator does.
@main
struct Longshore: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "longshore",
        abstract: "A container registry for every Docker client ever released, and a converter from v1 to v2.",
        version: "longshore 0.1.0",
        subcommands: [
            ServeCommand.self, MigrateCommand.self, ConfigCommand.self, HtpasswdCommand.self, CertCommand.self,
            GarbageCollectCommand.self,
        ]
    )
}
