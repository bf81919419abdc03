import Foundation

/// Runs the shell blocks of a document, in a directory that stands for the machine.
///
/// Commands that would change the machine, or serve without end, are replaced: `serve` prints its configuration, unless
/// it serves the tour, and `apt-get`, `swift`, `docker`, `useradd` and `systemctl` do nothing. Paths below `/etc`,
/// `/var/lib` and `/usr/local/bin` are redirected to the directory, and a free port is used.
struct ShownCommands {
    let directory: TemporaryDirectory
    let isNobody: Bool
    private let port: Int

    /// Whether `sudo` exists: root has none here, even if it is installed; others get a substitute.
    private var hasSudo: Bool { isNobody || !Requirement.isRoot }

    private static let withoutSudo = """
        command() { [ "$*" != "-v sudo" ] && builtin command "$@"; }
        """

    /// Fills the directory with what the documents assume to exist.
    ///
    /// - Parameter isNobody: Whether the blocks run as a user who owns nothing else, and has `sudo`.
    init(in directory: TemporaryDirectory, asNobody isNobody: Bool) async throws {
        self.directory = directory
        self.isNobody = isNobody
        port = try FreePort.find()
        for folder in ["bin", "etc/docker/registry", "etc/systemd/system", "var/lib", "usr/local/bin", "home"] {
            try directory.makeDirectory(folder)
        }
        for name in ["testdata", ".github"] {
            try FileManager.default.createSymbolicLink(
                atPath: directory.path(name),
                withDestinationPath: "\(ShownDocument.top)/\(name)"
            )
        }
        let configuration = try Data(contentsOf: URL(filePath: Packaging.file("container/config.yml")))
        try directory.write(configuration, to: "etc/docker/registry/config.yml")
        let tree = try await GoldenTree("centos6-like", in: directory)
        try FileManager.default.moveItem(atPath: tree.path, toPath: directory.path("var/lib/docker-registry"))
        try await writePrograms()
        if isNobody { _ = try await Program("chown").run(["-R", "65534", directory.path]).succeeded() }
    }

    /// Runs one block to its end.
    func run(_ block: String) async throws -> ProgramResult {
        var text = block
        for (shown, here) in [
            ("https://ci@old.example.com", "/var/lib/docker-registry"),
            ("https://ci@new.example.com:5000", "/var/lib/new"),
            (" /etc/", " \(directory.path)/etc/"), ("/var/lib/", "\(directory.path)/var/lib/"),
            ("/usr/local/bin/", "\(directory.path)/usr/local/bin/"), ("5000", "\(port)"),
        ] { text = text.replacing(shown, with: here) }
        let script = """
            set -eu
            cd '\(directory.path)'
            export PATH=$PWD/bin:$PATH:/usr/sbin:/sbin HOME=$PWD/home XDG_RUNTIME_DIR=$PWD/home
            \(hasSudo ? "" : Self.withoutSudo)
            trap 'kill $(jobs -p) 2>/dev/null || :; wait || :' EXIT
            \(text)
            """
        let file = try directory.write(Data(script.utf8), to: "block.sh")
        var program = try Program("bash")
        // Commands that ask for a password get one.
        var arguments = ["-c", "yes sesame | bash '\(file)'"]
        if isNobody { (program, arguments) = try Program.asNobody(program, arguments) }
        return try await program.run(arguments)
    }

    private func writePrograms() async throws {
        let longshore = """
            case "$1 $*" in
            "serve "*" tour/"*) exec '\(Program.longshore.path)' "$@" ;;
            serve*) shift && exec '\(Program.longshore.path)' config print "$@" ;;
            *) exec '\(Program.longshore.path)' "$@" ;;
            esac
            """
        var programs = [
            "longshore": longshore,
            "swift": "[ $1 != build ] || install -D bin/longshore .build/release/longshore",
        ]
        for name in ["apt-get", "docker", "useradd", "systemctl"] { programs[name] = ":" }
        if hasSudo { programs["sudo"] = "exec \"$@\"" }
        for (name, text) in programs {
            let file = try directory.write(Data("#!/bin/sh\n\(text)\n".utf8), to: "bin/\(name)")
            _ = try await Program("chmod").run(["+x", file]).succeeded()
        }
    }
}
