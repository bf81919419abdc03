import ArgumentParser
import Foundation
import Settings
import Storage

/// The sources of a registry's configuration: a file, the environment, and options that override both.
struct ConfigurationOptions: ParsableArguments {
    @Argument(
        help: ArgumentHelp(
            """
            A configuration file for registry:2 or docker-registry 0.9. (default: the file named by \
            $REGISTRY_CONFIGURATION_PATH or $DOCKER_REGISTRY_CONFIG, if set)
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

    @OptionGroup(title: "Clients that cannot use images as stored")
    var compatibility: CompatibilityOptions

    /// Reads the configuration.
    ///
    /// - Throws: ``UnreadableConfiguration`` when the file does not exist.
    func load() throws -> RegistryConfiguration {
        let options: [RegistryConfiguration.Option?] = [
            root.map { .init("--root", "storage.filesystem.rootdirectory", $0) },
            address.map { .init("--address", "http.addr", $0) },
            delete ? .init("--delete", "storage.delete.enabled", "true") : nil,
        ]
        return try Self.load(file, options.compactMap { $0 } + access.keys + legacy.keys + compatibility.keys)
    }

    /// Reads a configuration with these options.
    ///
    /// - Throws: ``UnreadableConfiguration`` when the file does not exist.
    static func load(_ file: String?, _ options: [RegistryConfiguration.Option]) throws -> RegistryConfiguration {
        let environment = ProcessInfo.processInfo.environment
        let path = RegistryConfiguration.path(file, environment: environment)
        return RegistryConfiguration(
            file: try path.map(text),
            at: path,
            environment: environment,
            options: options
        )
    }

    /// Reads the configuration, prints the findings, and refuses a configuration that cannot be served.
    ///
    /// - Throws: ``RefusedConfiguration``, or the reason a value is unusable.
    func accepted() throws -> RegistryConfiguration { try Self.accepted(try load()) }

    /// Prints the findings of a configuration, and refuses one that cannot be served.
    ///
    /// - Throws: ``RefusedConfiguration``, or the reason a value is unusable.
    static func accepted(_ configuration: RegistryConfiguration) throws -> RegistryConfiguration {
        for finding in configuration.findings { Console.note("longshore: \(finding.weight): \(finding)") }
        guard configuration.isAcceptable else { throw RefusedConfiguration() }
        try configuration.settings.validate()
        return configuration
    }

    private static func text(of path: String) throws -> String {
        var isDirectory: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else {
            throw UnreadableConfiguration(path: path, reason: "no such file")
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

/// The configuration was refused; the reasons have been printed.
struct RefusedConfiguration: Error, CustomStringConvertible {
    var description: String { "the configuration cannot be used" }
}
