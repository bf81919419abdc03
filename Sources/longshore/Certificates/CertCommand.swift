import ArgumentParser
import Foundation
import SystemLibraries

/// `longshore cert`: makes a certificate of your own, for registries that no public authority vouches for.
struct CertCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cert",
        abstract: "Create a certificate for this registry, and a certificate authority that signs it.",
        discussion: """
            The authority (ca.crt, ca.key) is created once and reused by later calls, so clients that trust it accept \
            renewed certificates too. Each certificate file is named after its first host. An existing one is never \
            overwritten: move it away to renew it. Keep the keys secret.
            """
    )

    @Option(
        name: .customLong("host"),
        parsing: .upToNextOption,
        help: ArgumentHelp(
            "Host names and IP addresses of the registry. The first becomes the common name.",
            valueName: "name"
        )
    )
    var hosts: [String] = []

    @Option(help: ArgumentHelp("The directory to write the files to.", valueName: "directory"))
    var directory = "certs"

    @Option(help: ArgumentHelp("The registry's port, for the printed instructions.", valueName: "port"))
    var port = 5000

    @Option(help: "How many days the certificate is valid.")
    var days = 825

    func validate() throws {
        if hosts.isEmpty { throw ValidationError("--host needs at least one host name or IP address.") }
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
