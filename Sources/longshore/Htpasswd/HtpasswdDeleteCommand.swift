import ArgumentParser
import RegistryHTTP
import Storage

/// `longshore htpasswd delete FILE USER`
struct HtpasswdDeleteCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "delete", abstract: "Take a user out of the file.")

    @OptionGroup var user: HtpasswdUser

    func run() throws {
        try OperatorError.explaining {
            var document = HtpasswdDocument(try LocalFile.read(user.file))
            guard document.remove(user.name) else {
                Console.note("longshore: there is no user \(user.name) in \(user.file)")
                throw ExitCode(1)
            }
            try LocalFile.replace(user.file, with: document.bytes)
            Console.say("\(user.name) was taken out")
        }
    }
}
