import ArgumentParser
import RegistryHTTP
import Storage
import SystemLibraries

/// `longshore htpasswd add FILE USER`
struct HtpasswdAddCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add",
        abstract: "Add a user, or change a user's password. Creates the file if needed."
    )

    @OptionGroup var user: HtpasswdUser
    @OptionGroup var password: PasswordOptions

    @Option(help: ArgumentHelp("The bcrypt cost of a login: each step doubles it.", valueName: "4-17"))
    var cost = 10

    func validate() throws {
        guard (4...17).contains(cost) else { throw ValidationError("--cost takes 4 to 17.") }
    }

    func run() throws {
        try OperatorError.explaining {
            let hash = try PasswordHash.bcrypt(try password.read(confirmed: true), cost: cost)
            var document =
                try LocalFile.exists(user.file) ? HtpasswdDocument(LocalFile.read(user.file)) : HtpasswdDocument()
            let isKnown = document.users[user.name] != nil
            document.set(hash, for: user.name)
            try LocalFile.replace(user.file, with: document.bytes)
            Console.say(isKnown ? "password of \(user.name) changed" : "\(user.name) added")
        }
    }
}
