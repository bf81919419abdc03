import NIOCore
import Storage
import SystemLibraries

extension ObjectReader {
    /// Reads a layer of any compression entry by entry, as ``HeavyWork``.
    ///
    /// - Parameters:
    ///   - state: The initial state.
    ///   - handle: Called for each event of the tar, in order, to update the state.
    ///   - afterStep: Called occasionally, to save what the state has accumulated.
    /// - Returns: The final state.
    /// - Throws: `LayerDamage`, `TarDamage` or `DecompressionError` for layers that are invalid or exceed `limits`, or
    ///   `StorageError`.
    func reduceTar<State: Sendable>(
        into state: State,
        limits: LayerLimits,
        _ handle: @escaping @Sendable (inout State, TarEntryReader.Event) throws -> Void,
        afterStep: @escaping @Sendable (inout State) async throws -> Void = { _ in }
    ) async throws -> State {
        let compression = try await detectCompression()
        return try await HeavyWork.reading(compression) {
            var state = state
            var entries = TarEntryReader()
            try await decompress(compression, limits: limits) { piece in
                try entries.read(piece) { try handle(&state, $0) }
            } afterStep: {
                try await afterStep(&state)
            }
            try entries.finish()
            return state
        }
    }

    /// Decompresses the whole object, in steps bounded by their output.
    ///
    /// - Parameters:
    ///   - handle: Called with each piece, which is valid until it returns.
    ///   - afterStep: Called after each step.
    /// - Throws: `DecompressionError`, `LayerDamage.timeLimit`, `StorageError`, or any error of the closures.
    func decompress(
        _ compression: Compression,
        limits: LayerLimits,
        _ handle: (UnsafeRawBufferPointer) throws -> Void,
        afterStep: () async throws -> Void
    ) async throws {
        var decompressor = try Decompressor(compression, limits: limits)
        let start = ContinuousClock.now
        try await forEachChunk { bytes in
            var takenByteCount = 0
            var isDone = false
            while !isDone {
                try Task.checkCancellation()
                guard start.duration(to: .now) <= limits.time else { throw LayerDamage.timeLimit }
                isDone = try bytes.withUnsafeReadableBytes { whole in
                    var rest = UnsafeRawBufferPointer(rebasing: whole[takenByteCount...])
                    var producedByteCount = 0
                    while producedByteCount < HeavyWork.stepByteCount, let piece = try decompressor.next(&rest) {
                        try handle(piece)
                        producedByteCount += piece.count
                    }
                    takenByteCount = whole.count - rest.count
                    return producedByteCount < HeavyWork.stepByteCount
                }
                try await afterStep()
                await Task.yield()
            }
        }
        try decompressor.finish()
    }

    /// Detects the layer's compression from its first bytes.
    func detectCompression() async throws -> Compression {
        let prefix = try await read(at: 0, byteCount: Compression.prefixByteCount)
        return Compression.detected(inPrefix: Array(buffer: prefix))
    }

    /// The tarsums of a layer.
    func tarSums(limits: LayerLimits) async throws -> TarSums {
        try await reduceTar(into: TarSums(), limits: limits) { $0.take($1) }
    }
}
