import NIOCore
import Storage
import SystemLibraries

extension ObjectReader {
    /// Reads a layer entry by entry, whatever its compression, as ``HeavyWork``.
    ///
    /// - Parameters:
    ///   - state: What `handle` gathers from.
    ///   - handle: Called for each event of the tar, in order.
    ///   - afterStep: Called now and then, where what was gathered can be put away.
    /// - Returns: The state at the end.
    /// - Throws: `LayerDamage`, `TarDamage` or `DecompressionError` for bytes that are no layer or more work than
    ///   `limits` allow, or `StorageError`.
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

    /// Decompresses the object from its beginning to its end, in steps that are bounded by what comes out.
    ///
    /// - Parameters:
    ///   - handle: Called with each piece, which is valid until it returns.
    ///   - afterStep: Called after each step.
    /// - Throws: `DecompressionError`, `LayerDamage.timeLimit`, `StorageError`, or what the closures throw.
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

    /// How the layer is compressed, by its first bytes.
    func detectCompression() async throws -> Compression {
        let prefix = try await read(at: 0, byteCount: Compression.prefixByteCount)
        return Compression.detected(inPrefix: Array(buffer: prefix))
    }

    /// The tarsums of a layer.
    func tarSums(limits: LayerLimits) async throws -> TarSums {
        try await reduceTar(into: TarSums(), limits: limits) { $0.take($1) }
    }
}
