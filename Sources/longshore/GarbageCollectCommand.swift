import ArgumentParser

/// `longshore garbage-collect`: called as registry:2's is.
struct GarbageCollectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "garbage-collect",
        abstract: "Remove what no tag needs any more. Not implemented yet.",
        discussion: """
            Until then, stop Longshore and run registry:2's own: it frees blobs of v2 and leaves what v1 clients pushed. \
            What was converted from that is converted again when it is pulled.
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
        "nothing was removed: garbage collection is not implemented yet; stop Longshore and use "
            + "the garbage-collect command of registry:2"
    }
}
