import RegistryCore

/// How one kind of client pulls an image.
struct PullCommand: Sendable {
    let client: String
    let command: String
    let note: String?
    let isOpen: Bool

    /// The commands for an image.
    ///
    /// - Parameters:
    ///   - reference: `:TAG` or `@DIGEST`.
    ///   - v1Image: The id under which v1 clients see it; nil if they do not.
    static func all(
        _ name: String,
        _ reference: String,
        v1Image: String?,
        isV1Enabled: Bool,
        _ context: PageContext
    ) -> [PullCommand] {
        let address = "\(context.host)/\(name)\(reference)"
        let isByDigest = reference.hasPrefix("@")
        let insecure = context.isEncrypted ? "" : " --tls-verify=false"
        var commands = [
            PullCommand(
                client: "Docker 1.6 and later",
                command: "docker pull \(address)",
                note: context.isEncrypted
                    ? nil : "Without TLS, list \(context.host) in the engine's insecure-registries.",
                isOpen: true
            ),
            PullCommand(client: "Podman", command: "podman pull\(insecure) \(address)", note: nil, isOpen: false),
            PullCommand(
                client: "skopeo",
                command: "skopeo copy\(context.isEncrypted ? "" : " --src-tls-verify=false") docker://\(address) "
                    + "oci:IMAGE",
                note: nil,
                isOpen: false
            ),
            PullCommand(
                client: "containerd",
                command: "ctr images pull\(context.isEncrypted ? "" : " --plain-http") \(address)",
                note: nil,
                isOpen: false
            ),
        ]
        if isV1Enabled, v1Image != nil, !isByDigest {
            commands.append(
                PullCommand(
                    client: "Docker 0.6 to 1.5 (v1)",
                    command: "docker pull \(address)",
                    note: context.isEncrypted
                        ? "These engines need a certificate of an authority that they know, and TLS 1.0 or 1.2."
                        : "Start the engine with --insecure-registry \(context.host) if it is Docker 1.3.1 or later.",
                    isOpen: false
                )
            )
        }
        return commands
    }
}
