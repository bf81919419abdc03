import ArgumentParser
import Settings

/// `longshore config`: prints or checks a configuration.
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
            abstract: "Print every value in effect, and where it was set."
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
            abstract: "Check a configuration without serving it.",
            discussion:
                """
                The exit status is 0 when the configuration can be served and every key of the file has an effect. \
                'serve' only warns about keys without effect. Files named by the configuration are not opened.
                """
        )

        @OptionGroup var options: ConfigurationOptions

        func run() throws {
            let configuration = try OperatorError.explaining { try options.accepted() }
            let count = configuration.findings.count(where: \.isKeyWithoutEffect)
            guard count == 0 else {
                Console.note(
                    "longshore: \(count == 1 ? "a key has" : "\(count) keys have") no effect: remove or correct"
                )
                throw ExitCode(1)
            }
            Console.say("the configuration can be served")
        }
    }
}
