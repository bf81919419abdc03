import ArgumentParser

/// Options of other programs that have another name here: each is refused with a pointer to its name.
struct MistakenOptions: ParsableArguments {
    @Option(name: [.customShort("p"), .customLong("port")], help: .hidden)
    var port: String?

    @Option(help: .hidden)
    var host: String?

    @Option(help: .hidden)
    var listen: String?

    @Option(help: .hidden)
    var bind: String?

    @Option(name: [.customShort("c"), .customLong("config")], help: .hidden)
    var config: String?

    @Option(name: [.customShort("d"), .customLong("data")], help: .hidden)
    var data: String?

    func validate() throws {
        if let port { throw ValidationError("There is no --port: use --address :\(port).") }
        if let host { throw ValidationError("There is no --host: use --address \(host):5000.") }
        if let address = listen ?? bind {
            throw ValidationError("There is no --\(listen == nil ? "bind" : "listen"): use --address \(address).")
        }
        if let config {
            throw ValidationError("There is no --config: pass the file as an argument, 'longshore serve \(config)'.")
        }
        if let data { throw ValidationError("There is no --data: use --root \(data).") }
    }
}
