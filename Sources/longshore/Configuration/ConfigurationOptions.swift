import ArgumentParser
import Foundation
import Settings
import Storage

/// Where a registry's configuration comes from: a file, the environment, and options that override both.
struct ConfigurationOptions: ParsableArguments {
    @Argument(
        help: ArgumentHelp(
            """
            A configuration file of registry:2 or of docker-registry 0.9. By default the file that \
            $REGISTRY_CONFIGURATION_PATH or $DOCKER_REGISTRY_CONFIG names, if one is set.
            """,
            valueName: "config"
        )
    )
    var file: String?

    @Option(
        help: ArgumentHelp(
            "The directory of the images. (default: ./registry; with a configuration file, /var/lib/registry)",
            valueName: "directory"
        )
    )
    var root: String?

    @Option(
        help: ArgumentHelp(
            "Where to listen: HOST:PORT, [IPV6]:PORT, or :PORT for all addresses. (default: :5000)",
            valueName: "address"
        )
    )
    var address: String?

    @Flag(help: "Let clients delete manifests, tags and blobs.")
    var delete = false

    @OptionGroup
    var mistaken: MistakenOptions

    @OptionGroup(title: "Users")
    var access: AccessOptions

    @OptionGroup(title: "Old clients")
    var legacy: V1Options

    @OptionGroup(title: "Clients that do not take what is stored")
    var compatibility: CompatibilityOptions

    /// The file that is read, if there is one.
    private var path: String? {
        RegistryConfiguration.path(file, environment: ProcessInfo.processInfo.environment)
    }

    /// Reads the configuration.
    ///
    /// - Throws: ``UnreadableConfiguration`` when there is no such file.
    func load() throws -> RegistryConfiguration {
        let options: [RegistryConfiguration.Option?] = [
            root.map { .init("--root", "storage.filesystem.rootdirectory", $0) },
            address.map { .init("--address", "http.addr", $0) },
            delete ? .init("--delete", "storage.delete.enabled", "true") : nil,
        ]
        return RegistryConfiguration(
            file: try path.map(Self.text),
            at: path,
            environment: ProcessInfo.processInfo.environment,
            options: options.compactMap { $0 } + access.keys + legacy.keys + compatibility.keys
        )
    }

    /// Reads the configuration, says what is to be said of it, and refuses what cannot be served.
    ///
    /// - Throws: ``RefusedConfiguration``, or why a value is of no use.
    func accepted() throws -> RegistryConfiguration {
        let configuration = try load()
        for finding in configuration.findings { Console.note("longshore: \(finding.weight): \(finding)") }
        guard configuration.isAcceptable else { throw RefusedConfiguration() }
        try configuration.settings.validate()
        return configuration
    }

    private static func text(of path: String) throws -> String {
        var isDirectory: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else {
            throw UnreadableConfiguration(path: path, reason: "there is no such file")
        }
        guard !isDirectory.boolValue else {
            throw UnreadableConfiguration(path: path, reason: "it is a directory: to serve one, name it with --root")
        }
        guard let text = String(validating: try LocalFile.read(path), as: UTF8.self) else {
            throw UnreadableConfiguration(path: path, reason: "it is not UTF-8 text")
        }
        return text
    }
}

/// A configuration file cannot be read.
struct UnreadableConfiguration: Error, CustomStringConvertible {
    let path: String
    let reason: String

    var description: String { "cannot read \(path): \(reason)" }
}

/// Something in a configuration was refused, and has been said.
struct RefusedConfiguration: Error, CustomStringConvertible {
    var description: String { "the configuration is refused" }
}
