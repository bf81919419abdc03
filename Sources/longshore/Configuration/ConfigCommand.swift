import ArgumentParser
import Settings

/// `longshore config`: what a configuration says, and whether it can be served.
struct ConfigCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config",
        abstract: "Show or check a configuration.",
        subcommands: [PrintCommand.self, CheckCommand.self]
    )

    /// `longshore config print`.
    struct PrintCommand: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "print",
            abstract: "Show every value that has an effect, and where it was set."
        )

        @OptionGroup var options: ConfigurationOptions

        func run() throws {
            let configuration = try OperatorError.explaining { try options.load() }
            for finding in configuration.findings { Console.note("longshore: \(finding.weight): \(finding)") }
            for value in configuration.values { Console.say("\(value.key): \(value.text)  # \(value.origin)") }
            if !configuration.isAcceptable { throw ExitCode(1) }
        }
    }

    /// `longshore config check`.
    struct CheckCommand: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "check",
            abstract: "Say what is wrong with a configuration, without serving it.",
            discussion:
                """
                The exit status is 0 when it can be served and every key of the file has an effect. 'serve' starts in spite \
                of keys without effect, and warns of them. Files that the configuration names are not opened.
                """
        )

        @OptionGroup var options: ConfigurationOptions

        func run() throws {
            let configuration = try OperatorError.explaining { try options.accepted() }
            let count = configuration.findings.count(where: \.isKeyWithoutEffect)
            guard count == 0 else {
                Console.note(
                    "longshore: \(count == 1 ? "a key has" : "\(count) keys have") no effect: take out or correct"
                )
                throw ExitCode(1)
            }
            Console.say("the configuration can be served")
        }
    }
}
