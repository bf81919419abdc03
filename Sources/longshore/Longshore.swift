import ArgumentParser
import Foundation

/// The program: one subcommand per operator task.
struct Longshore: AsyncParsableCommand {
    /// The program's version.
    static let version = "0.1.0"

    static let configuration = CommandConfiguration(
        commandName: "longshore",
        abstract: "A container registry for every Docker client ever released, and a converter from v1 to v2.",
        version: "longshore \(version)",
        subcommands: [
            ServeCommand.self, MigrateCommand.self, ConfigCommand.self, HtpasswdCommand.self, CertCommand.self,
            GarbageCollectCommand.self, PruneCommand.self, RepositoryCommand.self, TagCommand.self,
            DiskUsageCommand.self, VerifyCommand.self, ClientsCommand.self, StatusCommand.self,
        ]
    )
}

/// Starts the program. It may also be installed under the names of the registries it replaces.
@main
enum EntryPoint {
    static func main() async {
        let name = URL(filePath: CommandLine.arguments.first ?? "").lastPathComponent
        await Longshore.main(arguments(Array(CommandLine.arguments.dropFirst()), of: name))
    }

    /// Translates the arguments of the program called `name` into Longshore's.
    ///
    /// `docker-registry` alone starts the server, as the Python program did; `registry FILE` serves a configuration, as
    /// registry 2.0 did; `registry -v` prints the version. Everything else is the same under every name.
    static func arguments(_ arguments: [String], of name: String) -> [String] {
        let arguments = arguments.first == GarbageCollectCommand.name ? withPlainFlags(arguments) : arguments
        guard ["registry", "docker-registry"].contains(name) else { return arguments }
        switch arguments.first {
        case nil where name == "docker-registry": return ["serve"]
        case "-v" where arguments.count == 1: return ["--version"]
        case .some(let first) where first.hasSuffix(".yml") || first.hasSuffix(".yaml"): return ["serve"] + arguments
        default: return arguments
        }
    }

    /// Go's programs take flags with a value: `--delete-untagged=true`.
    private static func withPlainFlags(_ arguments: [String]) -> [String] {
        arguments.compactMap { argument in
            if argument.hasPrefix("-"), argument.hasSuffix("=true") { return String(argument.dropLast(5)) }
            return argument.hasPrefix("-") && argument.hasSuffix("=false") ? nil : argument
        }
    }
}
