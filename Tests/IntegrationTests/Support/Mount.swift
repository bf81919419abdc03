import Foundation

/// File systems mounted while a test runs.
enum Mount {
    /// A file system in memory with a size limit.
    static func memory<Value>(kilobytes: Int, at path: String, _ body: () async throws -> Value) async throws -> Value {
        try await mounted(["-t", "tmpfs", "-o", "size=\(kilobytes)k", "tmpfs", path], at: path, body)
    }

    /// A bind mount: the same device, but no links between the two paths.
    static func bind<Value>(_ directory: String, at path: String, _ body: () async throws -> Value) async throws
        -> Value
    {
        try await mounted(["--bind", directory, path], at: path, body)
    }

    /// An ext4 file system in a file next to `path`.
    static func ext4<Value>(megabytes: Int, at path: String, _ body: () async throws -> Value) async throws -> Value {
        let image = path + ".image"
        _ = try await Program("truncate").run(["-s", "\(megabytes)M", image]).succeeded()
        _ = try await Program("mkfs.ext4").run(["-q", "-F", image]).succeeded()
        return try await mounted(["-o", "loop", image, path], at: path, body)
    }

    /// A directory seen through a file system without hard links that returns EPERM, like FAT.
    static func withoutLinks<Value>(
        _ directory: TemporaryDirectory,
        at path: String,
        _ body: () async throws -> Value
    ) async throws -> Value {
        let script = try directory.write(Data("#!/bin/sh\nexec /usr/lib/openssh/sftp-server\n".utf8), to: "sftp")
        _ = try await Program("chmod").run(["+x", script]).succeeded()
        let store = try directory.makeDirectory("store")
        let options = ["-o", "ssh_command=\(script),disable_hardlink"]
        let running = try RunningProgram(Program("sshfs"), ["-f"] + options + ["localhost:\(store)", path])
        defer { running.discard() }
        try await running.waitUntil {
            try String(contentsOfFile: "/proc/mounts", encoding: .utf8).contains(" \(path) ")
        }
        return try await unmounting(path, body)
    }

    private static func mounted<Value>(_ arguments: [String], at path: String, _ body: () async throws -> Value)
        async throws -> Value
    {
        _ = try await Program("mount").run(arguments).succeeded()
        return try await unmounting(path, body)
    }

    private static func unmounting<Value>(_ path: String, _ body: () async throws -> Value) async throws -> Value {
        let outcome: Result<Value, any Error>
        do { outcome = .success(try await body()) } catch { outcome = .failure(error) }
        _ = try await Program("umount").run([path]).succeeded()
        return try outcome.get()
    }
}
