import ArgumentParser
import Foundation
import SystemLibraries

/// `longshore cert`: a certificate of one's own, for registries that no public authority vouches for.
struct CertCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cert",
        abstract: "Make a certificate for this registry, and an authority that vouches for it.",
        discussion: """
            The authority (ca.crt, ca.key) is made once and used again by later calls, so that clients which trust it \
            go on doing so when a certificate is renewed. Each certificate is named for its first host; one that is there \
            is not written over: move it away to renew it. Keep the keys to yourself.
            """
    )

    @Option(
        name: .customLong("host"),
        parsing: .upToNextOption,
        help: ArgumentHelp(
            "What clients call the registry: host names, IP addresses. The first is the common name.",
            valueName: "name"
        )
    )
    var hosts: [String] = []

    @Option(help: ArgumentHelp("Where the files are put.", valueName: "directory"))
    var directory = "certs"

    @Option(help: ArgumentHelp("The port of the registry, for the steps that are printed.", valueName: "port"))
    var port = 5000

    @Option(help: "How many days the certificate is good.")
    var days = 825

    func validate() throws {
        if hosts.isEmpty { throw ValidationError("--host takes what clients call the registry.") }
        guard (1...3650).contains(days) else { throw ValidationError("--days takes 1 to 3650.") }
        for host in hosts where CertificateHost(host) == nil {
            throw ValidationError("'\(host)' is neither a host name nor an IP address.")
        }
    }

    func run() throws {
        try OperatorError.explaining {
            let hosts = hosts.compactMap(CertificateHost.init)
            let folder = CertificateFolder(path: directory)
            let files = try folder.add(hosts, days: days)
            let steps = CertificateSteps(host: hosts[0].description, port: port, files: files)
            for line in steps.text.split(separator: "\n", omittingEmptySubsequences: false) {
                Console.say(String(line))
            }
        }
    }
}
