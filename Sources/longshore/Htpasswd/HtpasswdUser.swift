import ArgumentParser
import RegistryHTTP

/// A user of a file.
struct HtpasswdUser: ParsableArguments {
    @Argument(help: "The htpasswd file.")
    var file: String

    @Argument(help: ArgumentHelp("The user.", valueName: "user"))
    var name: String

    func validate() throws {
        guard HtpasswdDocument.isName(name) else {
            throw ValidationError(
                "A user's name has no colon and no control characters, and begins with no blank and no #."
            )
        }
    }
}
