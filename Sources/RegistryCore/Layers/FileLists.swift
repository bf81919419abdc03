package import ImageModel
import NIOCore
package import Storage
import SystemLibraries

/// Lists of the files in layers, as docker-registry gives them: `GET /v1/images/ID/files`.
///
/// A list is made once for all who ask for it at the same time. It goes to a file, from which it is sent however slowly its
/// client reads, and which is gone when the last of them has it.
package struct FileLists: Sendable {
    /// The most bytes that a list may have: some 700,000 files.
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

    /// What is in the layer of an image.
    ///
    /// - Parameter layer: The layer, opened.
    /// - Throws: ``V1Refusal/layerUnreadable(_:)`` for bytes that are no layer, ``V1Refusal/layerUnlistable(_:reason:)``
    ///   for a layer that is more work than one may be, or whose list is too long.
    package func list(_ layer: any ObjectReader, of id: V1ImageID) async throws -> any ObjectReader {
        do {
            return try await work.value(for: id) { try await makeList(layer) }
        } catch let error as UnlistableLayer {
            guard let limit = error.limit else { throw RegistryError.v1(.layerUnreadable(id)) }
            throw RegistryError.v1(.layerUnlistable(id, reason: limit))
        }
    }

    private func makeList(_ layer: any ObjectReader) async throws -> any ObjectReader {
        let staged = try await storage.stage(.scratch(isPromoted: false))
        do {
            try await write(layer, to: staged)
            let list = try await staged.reader()
            // Open, it stays readable.
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

/// A layer whose files cannot be listed, now or later.
private struct UnlistableLayer: Error {
    /// What it passed; nil where it is no layer at all.
    let limit: String?

    /// Nil for what fails but for the layer.
    init?(_ error: any Error) {
        switch error {
        case LayerDamage.timeLimit, LayerDamage.outputLimit, LayerDamage.memoryLimit,
            DecompressionError.outputLimit, DecompressionError.memoryLimit:
            limit = "\(error)"
        case is FileListTooLong: limit = "the list of its files is longer than \(FileLists.byteLimit) bytes"
        case is LayerDamage, is TarDamage, is DecompressionError: limit = nil
        default: return nil
        }
    }
}
