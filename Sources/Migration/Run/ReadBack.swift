import ImageModel
import RegistryCore
import Storage
import SystemLibraries

/// Reads at the end what a migration has put at its destination.
struct ReadBack: Sendable {
    let destination: any MigrationDestination
    let verification: MigrationOptions.Verification
    let work: ParallelWork
    let progress: MigrationProgress

    /// Reads back what was asked for, and takes every tag back that does not stand.
    func run(_ result: inout MigrationResult) async throws {
        guard verification != .none else { return }
        let tags = result.tags.filter { verification == .full ? $0.outcome != .kept : $0.outcome == .converted }
        var layers: [ConvertedTag: [Descriptor]] = [:]
        var faults: [Digest: ReadBackFault] = [:]
        var unread: [Digest: RepositoryName] = [:]
        for tag in tags {
            do {
                layers[tag] = try await documents(of: tag)
            } catch let fault as ReadBackFault {
                result.retract(tag, because: fault)
            }
            for blob in layers[tag] ?? [] where verification == .full || result.writtenBlobs.contains(blob.digest) {
                if unread[blob.digest] == nil { unread[blob.digest] = tag.tag.name }
            }
        }
        let blobs = unread.map { (digest: $0.key, home: $0.value) }
        try await work.run(blobs) { blob in
            try await read(blob.digest, in: blob.home)
        } each: { blob, fault in
            if let fault { faults[blob.digest] = fault }
        }
        for (tag, blobs) in layers {
            if let fault = blobs.lazy.compactMap({ faults[$0.digest] }).first { result.retract(tag, because: fault) }
        }
        result.verifiedByteCount = progress.snapshot.bytesVerified
    }

    /// The layers of a tag, after its manifest and configuration were read.
    private func documents(of tag: ConvertedTag) async throws -> [Descriptor] {
        let name = tag.tag.name
        let bytes = try await document(tag.manifest, .manifest, in: name)
        guard let manifest = try? Manifest(parsing: bytes, contentType: nil) else {
            throw ReadBackFault.different(tag.manifest)
        }
        if let configuration = manifest.configuration {
            _ = try await document(configuration.digest, .configuration, in: name)
        }
        return manifest.layers
    }

    private func document(_ digest: Digest, _ kind: StoredDocument, in name: RepositoryName) async throws -> [UInt8] {
        guard let bytes = try await destination.document(digest, kind, in: name) else {
            throw ReadBackFault.missing(digest)
        }
        progress.didVerify(bytes.count)
        guard Digest(digest.algorithm, of: bytes) == digest else { throw ReadBackFault.different(digest) }
        return bytes
    }

    private func read(_ digest: Digest, in name: RepositoryName) async throws -> ReadBackFault? {
        let actual = try await destination.blobs(home: name).actualDigest(of: digest) { progress.didVerify($0) }
        guard let actual else { return .missing(digest) }
        return actual == digest ? nil : .different(digest)
    }
}

/// What was written is not what is read.
enum ReadBackFault: Error, Hashable, CustomStringConvertible {
    case missing(Digest)
    case different(Digest)

    var description: String {
        switch self {
        case .missing(let digest): "read back: \(digest) is not at the destination, though it was put there"
        case .different(let digest): "read back: what the destination has as \(digest) has other bytes"
        }
    }
}
