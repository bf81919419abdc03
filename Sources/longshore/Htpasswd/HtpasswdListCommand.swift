import ArgumentParser
import RegistryHTTP
import Storage
import SystemLibraries

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
                Console.say("\(name)  \(hash?.scheme.rawValue ?? "unusable: the scheme is not known")")
            }
            guard !document.malformedLines.isEmpty else { return }
            let lines = document.malformedLines.map(String.init).joined(separator: ", ")
            Console.note("longshore: warning: lines that let nobody log in: \(lines)")
        }
    }
}
