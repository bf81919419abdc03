import ArgumentParser

/// `longshore garbage-collect`: called like registry:2's.
struct GarbageCollectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "garbage-collect",
        abstract: "Remove content that no tag needs any more. Not implemented yet.",
        discussion: """
            Until then, stop Longshore and run registry:2's own: it frees v2 blobs and leaves what v1 clients pushed. \
            Content converted from v1 is converted again when it is next pulled.
            """
    )

    @Flag(name: [.customShort("m"), .customLong("delete-untagged")], help: "Also remove manifests without a tag.")
    var deletesUntagged = false

    @Flag(name: [.customShort("d"), .long], help: "Print what would be removed, and remove nothing.")
    var dryRun = false

    @Flag(name: .shortAndLong, help: "Print less.")
    var quiet = false

    @Argument(help: "The registry's configuration file.")
    var config: String?

    func run() throws {
        try OperatorError.explaining { throw AbsentCollection() }
    }
}

/// Garbage collection is not implemented.
struct AbsentCollection: Error, CustomStringConvertible {
    var description: String {
        "nothing was removed: garbage collection is not implemented yet; stop Longshore and use "
            + "the garbage-collect command of registry:2"
    }
}
