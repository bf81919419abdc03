import Foundation

/// A registry running on this machine, on its own directory.
final class ServerProcess {
    let name: String
    let port: Int
    let root: String
    private let process: Process

    /// The path of this program.
    static let longshoreProgram = ProcessInfo.processInfo.environment["LONGSHORE"] ?? ".build/release/longshore"

    /// - Parameter environment: Variables beside those that switch its log of requests off.
    static func longshore(
        root: String,
        options: [String] = [],
        environment: [String: String] = [:]
    ) throws -> ServerProcess {
        let port = try freePort()
        let arguments = ["serve", "--root", root, "--address", "127.0.0.1:\(port)"] + options
        return try ServerProcess(
            "longshore",
            longshoreProgram,
            arguments,
            port: port,
            root: root,
            environment: environment
        )
    }

    /// The path of docker-registry: registry:2 as packaged by Debian.
    static var dockerRegistryProgram: String {
        ProcessInfo.processInfo.environment["DOCKER_REGISTRY"] ?? "/usr/bin/docker-registry"
    }

    static func dockerRegistry(root: String) throws -> ServerProcess {
        let port = try freePort()
        let configuration = """
            version: 0.1
            log: {accesslog: {disabled: true}, level: error}
            storage: {filesystem: {rootdirectory: \(root)}}
            http: {addr: "127.0.0.1:\(port)"}
            """
        let file = root + ".yml"
        try configuration.write(toFile: file, atomically: true, encoding: .utf8)
        return try ServerProcess("docker-registry", dockerRegistryProgram, ["serve", file], port: port, root: root)
    }

    /// Longshore and Debian's docker-registry, each with an empty directory below `scratch`.
    static func besideDockerRegistry(below scratch: URL) throws -> [ServerProcess] {
        try MissingProgram.require(dockerRegistryProgram)
        try FileManager.default.createDirectory(at: scratch, withIntermediateDirectories: true)
        return [
            try longshore(root: scratch.appending(path: "longshore").path),
            try dockerRegistry(root: scratch.appending(path: "docker-registry").path),
        ]
    }

    init(
        _ name: String,
        _ program: String,
        _ arguments: [String],
        port: Int,
        root: String,
        environment: [String: String] = [:]
    ) throws {
        self.name = name
        self.port = port
        self.root = root
        try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
        process = Process()
        process.executableURL = URL(filePath: program)
        process.arguments = arguments
        // No program logs requests while it is measured, unless that is measured.
        let isQuiet = ["REGISTRY_LOG_ACCESSLOG_DISABLED": "true"]
        process.environment = ProcessInfo.processInfo.environment.merging(isQuiet) { $1 }.merging(environment) { $1 }
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        try Self.waitUntilItListens(on: port)
    }

    func stop() {
        process.terminate()
        process.waitUntilExit()
    }

    /// Its current memory.
    var residentMegabytes: Int { megabytes("VmRSS") }
    /// Its peak memory.
    var peakMegabytes: Int { megabytes("VmHWM") }

    private func megabytes(_ field: String) -> Int {
        do {
            let status = try String(contentsOfFile: "/proc/\(process.processIdentifier)/status", encoding: .utf8)
            let line = status.split(separator: "\n").first { $0.hasPrefix(field + ":") }
            return (line?.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0) / 1024
        } catch {
            return 0
        }
    }

    /// Waits until a port accepts connections: docker-registry indexes its repositories first.
    static func waitUntilItListens(on port: Int) throws {
        for _ in 0..<6000 {
            do {
                _ = try BenchmarkSocket(port: port)
                return
            } catch {
                Thread.sleep(forTimeInterval: 0.05)
            }
        }
        throw BenchmarkSocket.Failure.notConnected
    }

    /// A free port, recently chosen by the system.
    static func freePort() throws -> Int {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = in_addr_t(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                bind(descriptor, pointer, length) == 0 ? getsockname(descriptor, pointer, &length) : -1
            }
        }
        guard result == 0 else { throw BenchmarkSocket.Failure.notConnected }
        return Int(UInt16(bigEndian: address.sin_port))
    }
}
