package import ImageModel
import NIOCore
package import Storage
import SystemLibraries

/// Lists of the files in layers, in docker-registry's format: `GET /v1/images/ID/files`.
///
/// A list is generated once for all concurrent requests. It goes to a file, so that slow clients hold no memory; the
/// file disappears when the last of them is done.
package struct FileLists: Sendable {
    /// The maximum size of a list in bytes: some 700,000 files.
    package static let byteLimit = 64 << 20

    private let storage: any ObjectStorage
    private let limits: LayerLimits
    private let work = SharedWork<V1ImageID, any ObjectReader>(failureLifetime: .seconds(60)) { error in
        error is UnlistableLayer
    }

    init(storage: any ObjectStorage, limits: LayerLimits) {
        self.storage = storage
        self.limits = limits
    }

    /// Lists the files in an image's layer.
    ///
    /// - Parameter layer: The opened layer.
    /// - Throws: ``V1Refusal/layerUnreadable(_:)`` for an invalid layer, ``V1Refusal/layerUnlistable(_:reason:)`` for a
    ///   layer that exceeds the limits or has too long a list.
    package func list(_ layer: any ObjectReader, of id: V1ImageID) async throws(RegistryError) -> any ObjectReader {
        try await RegistryError.translating {
            do {
                return try await work.value(for: id) { try await makeList(layer) }
            } catch let error as UnlistableLayer {
                guard let limit = error.limit else { throw RegistryError.v1(.layerUnreadable(id)) }
                throw RegistryError.v1(.layerUnlistable(id, reason: limit))
            }
        }
    }

    private func makeList(_ layer: any ObjectReader) async throws -> any ObjectReader {
        let staged = try await storage.stage(.scratch(isPromoted: false))
        do {
            try await write(layer, to: staged)
            let list = try await staged.reader()
            // It stays readable while it is open.
            try await staged.discard()
            return list
        } catch {
            try await staged.discard()
            throw error
        }
    }

    private func write(_ layer: any ObjectReader, to staged: any StagedObject) async throws {
        do {
            let list = FileListText()
            let whole = try await layer.reduceTar(into: list, limits: limits) { list, event in
                if case .entry(let entry) = event { try list.add(entry) }
            } afterStep: { list in
                try await staged.append(list.take())
            }
            var end = whole
            try await staged.append(end.finish())
        } catch {
            throw UnlistableLayer(error) ?? error
        }
    }
}

/// The error for a layer whose files cannot be listed, now or later.
private struct UnlistableLayer: Error {
    /// The limit it exceeds; nil for an invalid layer.
    let limit: String?

    /// Returns nil for errors not caused by the layer.
    init?(_ error: any Error) {
        switch error {
        case LayerDamage.timeLimit, LayerDamage.outputLimit, LayerDamage.memoryLimit,
            DecompressionError.outputLimit, DecompressionError.memoryLimit:
            limit = "\(error)"
        case is FileListTooLong: limit = "its file list exceeds \(FileLists.byteLimit) bytes"
        case is LayerDamage, is TarDamage, is DecompressionError: limit = nil
        default: return nil
        }
    }
}
