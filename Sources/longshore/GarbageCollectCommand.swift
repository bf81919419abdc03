import ArgumentParser

/// `longshore garbage-collect`: called as registry:2's is.
struct GarbageCollectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "garbage-collect",
        abstract: "Remove what no tag needs any more. Not there yet.",
        discussion: """
            registry:2's own collection must not be run on a directory that holds v1 images, or that Longshore writes \
            to: it knows neither what v1 needs nor what was just converted.
            """
    )

    @Flag(name: [.customShort("m"), .customLong("delete-untagged")], help: "Remove manifests without a tag, too.")
    var deletesUntagged = false

    @Flag(name: [.customShort("d"), .long], help: "Say what would be removed, and remove nothing.")
    var dryRun = false

    @Flag(name: .shortAndLong, help: "Print less.")
    var quiet = false

    @Argument(help: "The registry's configuration file.")
    var config: String?

    func run() throws {
        try OperatorError.explaining { throw AbsentCollection() }
    }
}

/// There is no collection yet.
struct AbsentCollection: Error, CustomStringConvertible {
    var description: String {
        "nothing was removed: a collection that knows both what v1 and what v2 need is not there yet"
    }
}
