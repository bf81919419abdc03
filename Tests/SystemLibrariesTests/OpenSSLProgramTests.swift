import Foundation
import SystemLibraries
import Testing

/// Cross-checks with the OpenSSL program, which shares no code with our calls of its library.
@Suite("P-256 keys and the openssl program", .enabled(if: FileManager.default.isExecutableFile(atPath: openssl)))
struct OpenSSLProgramTests {
    @Test("the program verifies what we sign")
    func ours() throws {
        try withScratchFolder { folder in
            let key = try P256PrivateKey()
            let message = Array("the quick brown fox".utf8)
            let signature = try key.signature(for: message)
            try Data(key.pem()).write(to: folder.appending(path: "key.pem"))
            try Data(message).write(to: folder.appending(path: "message"))
            // The program expects DER: SEQUENCE { INTEGER r, INTEGER s }.
            try Data(Self.der(signature)).write(to: folder.appending(path: "signature"))
            try run(["pkey", "-in", "key.pem", "-pubout", "-out", "public.pem"], in: folder)
            try run(["dgst", "-sha256", "-verify", "public.pem", "-signature", "signature", "message"], in: folder)
        }
    }

    @Test("we read only the program's keys of this curve", arguments: [("P-256", true), ("P-384", false)])
    func theirs(curve: String, isTaken: Bool) throws {
        try withScratchFolder { folder in
            try run(
                ["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:\(curve)", "-out", "key.pem"],
                in: folder
            )
            let pem = Array(try Data(contentsOf: folder.appending(path: "key.pem")))
            if isTaken {
                try run(["pkey", "-in", "key.pem", "-pubout", "-outform", "DER", "-out", "public.der"], in: folder)
                let key = try P256PrivateKey(pem: pem)
                #expect(key.publicKey.der == Array(try Data(contentsOf: folder.appending(path: "public.der"))))
            } else {
                #expect(throws: KeyError.wrongKind) { try P256PrivateKey(pem: pem) }
            }
        }
    }

    @Test("a key with a passphrase is refused without asking for it")
    func locked() throws {
        try withScratchFolder { folder in
            let options = ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-aes-256-cbc"]
            try run(["genpkey"] + options + ["-pass", "pass:secret", "-out", "key.pem"], in: folder)
            let pem = Array(try Data(contentsOf: folder.appending(path: "key.pem")))
            #expect(throws: KeyError.malformedPEM) { try P256PrivateKey(pem: pem) }
        }
    }

    private func run(_ arguments: [String], in folder: URL) throws {
        let process = Process()
        process.executableURL = URL(filePath: openssl)
        process.arguments = arguments
        process.currentDirectoryURL = folder
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0, "openssl \(arguments.joined(separator: " "))")
    }

    private func withScratchFolder(_ body: (URL) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "longshore-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
        let result = Result { try body(folder) }
        try FileManager.default.removeItem(at: folder)
        try result.get()
    }

    private static func der(_ signature: [UInt8]) -> [UInt8] {
        let body = integer(signature.prefix(32)) + integer(signature.suffix(32))
        return [0x30, UInt8(body.count)] + body
    }

    private static func integer(_ half: ArraySlice<UInt8>) -> [UInt8] {
        let trimmed = Array(half.drop { $0 == 0 })
        let sign: [UInt8] = trimmed.first.map { $0 >= 0x80 } ?? true ? [0] : []
        return [0x02, UInt8(sign.count + trimmed.count)] + sign + trimmed
    }
}

private let openssl = "/usr/bin/openssl"
