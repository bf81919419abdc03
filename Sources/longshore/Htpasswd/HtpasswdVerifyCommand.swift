import ArgumentParser
import RegistryHTTP
import Storage

/// `longshore htpasswd verify FILE USER`
struct HtpasswdVerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Tell whether a password lets a user in, by the exit status too: 0 or 3."
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
