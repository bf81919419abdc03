extension GoRecord {
    /// The fields of a v1 image's JSON that an engine reads and writes back: Docker's `image.V1Image`.
    static let v1Image = GoRecord(
        .unlessEmpty("id", .string("")),
        .unlessEmpty("parent", .string("")),
        .unlessEmpty("comment", .string("")),
        .always("created", .time(.zero)),
        .unlessEmpty("container", .string("")),
        .unlessEmpty("container_config", .record(.containerConfiguration)),
        .unlessEmpty("docker_version", .string("")),
        .unlessEmpty("author", .string("")),
        .unlessEmpty("config", .recordPointer(nil, new: .containerConfiguration)),
        .unlessEmpty("architecture", .string("")),
        .unlessEmpty("os", .string("")),
        .unlessEmpty("Size", .integer(0))
    )

    /// Fields beyond `v1Image` that an engine reads from the configuration it finally stores.
    static let storedImage = GoRecord(
        .unlessEmpty("os.version", .string("")),
        .unlessEmpty("os.features", .strings(GoStrings()))
    )

    /// Fields beyond `v1Image` that an engine reads from an image in a schema1 manifest.
    static let throwaway = GoRecord(.unlessEmpty("throwaway", .boolean(false)))

    /// The fields of Docker's `container.Config`, in Docker 1.12 and 1.13.
    static let containerConfiguration = GoRecord(
        .always("Hostname", .string("")),
        .always("Domainname", .string("")),
        .always("User", .string("")),
        .always("AttachStdin", .boolean(false)),
        .always("AttachStdout", .boolean(false)),
        .always("AttachStderr", .boolean(false)),
        .unlessEmpty("ExposedPorts", .set(nil)),
        .always("Tty", .boolean(false)),
        .always("OpenStdin", .boolean(false)),
        .always("StdinOnce", .boolean(false)),
        .always("Env", .strings(GoStrings())),
        .always("Cmd", .words(GoStrings())),
        .unlessEmpty("Healthcheck", .recordPointer(nil, new: .healthcheck)),
        .unlessEmpty("ArgsEscaped", .boolean(false)),
        .always("Image", .string("")),
        .always("Volumes", .set(nil)),
        .always("WorkingDir", .string("")),
        .always("Entrypoint", .words(GoStrings())),
        .unlessEmpty("NetworkDisabled", .boolean(false)),
        .unlessEmpty("MacAddress", .string("")),
        .always("OnBuild", .strings(GoStrings())),
        .always("Labels", .labels(nil)),
        .unlessEmpty("StopSignal", .string("")),
        .unlessEmpty("StopTimeout", .integerPointer(nil)),
        .unlessEmpty("Shell", .words(GoStrings()))
    )

    /// The fields of Docker's `container.HealthConfig`, in Docker 1.12 and 1.13.
    private static let healthcheck = GoRecord(
        .unlessEmpty("Test", .strings(GoStrings())),
        .unlessEmpty("Interval", .integer(0)),
        .unlessEmpty("Timeout", .integer(0)),
        .unlessEmpty("Retries", .integer(0))
    )
}
