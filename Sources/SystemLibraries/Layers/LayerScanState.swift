import ImageModel

/// The state of a ``LayerScan``: three hashes and a walk through the tar.
struct LayerScanState: ~Copyable {
    private var storedHash = StreamingDigest(.sha256)
    /// The hash of the v1 image JSON, a newline and the layer.
    private var payloadHash: StreamingDigest?
    private var tarHash = StreamingDigest(.sha256)
    private var tar = TarWalker()
    /// The first bytes, until there are enough to detect the compression.
    private var prefix: [UInt8] = []
    private var compression: Compression?
    private var decompressor: Decompressor?
    private var compressionDamage: DecompressionError?
    private var tarDamage: TarDamage?

    private let limits: LayerLimits
    private var spentTime = Duration.zero

    private let isRecompressing: Bool
    private var recompression: TarRecompressor?

    private let v1ImageJSON: [UInt8]
    private var entries: TarEntryReader?
    private var sums: [TarSums] = []

    init(v1ImageJSON: [UInt8]?, isRecompressing: Bool, tarsums: Set<TarSums.Version>, limits: LayerLimits) {
        self.limits = limits
        self.isRecompressing = isRecompressing
        self.v1ImageJSON = v1ImageJSON ?? []
        self.sums = tarsums.map { TarSums($0) }
        self.entries = tarsums.isEmpty ? nil : TarEntryReader()
        if let v1ImageJSON {
            var hash = StreamingDigest(.sha256)
            hash.update(v1ImageJSON + [UInt8(ascii: "\n")])
            payloadHash = hash
        }
    }

    var storedBytes: StoredBytesFacts {
        StoredBytesFacts(
            digest: storedHash.digest(),
            byteCount: storedHash.byteCount,
            payloadChecksum: payloadHash?.digest()
        )
    }

    var recompressed: RecompressedFacts? {
        switch recompression {
        case .some(let recompression): recompression.facts
        case nil: nil
        }
    }

    /// Also empty if the tar could not be read entry by entry.
    var tarsums: [String] { entries == nil ? [] : sums.compactMap { $0.tarsum(ofV1ImageJSON: v1ImageJSON) } }

    mutating func takeRecompressed() -> [UInt8] { recompression?.take() ?? [] }

    mutating func update(_ bytes: RawSpan, producing outputByteCount: Int) -> LayerScan.Step {
        let start = ContinuousClock.now
        defer { spentTime += start.duration(to: .now) }
        return bytes.withUnsafeBytes { update($0, producing: outputByteCount) }
    }

    private mutating func update(
        _ bytes: UnsafeRawBufferPointer,
        producing outputByteCount: Int
    ) -> LayerScan.Step {
        guard compression == nil else { return read(bytes, producing: outputByteCount) }
        let start = UnsafeRawBufferPointer(rebasing: bytes.prefix(Compression.prefixByteCount - prefix.count))
        hash(start)
        prefix += start
        if prefix.count == Compression.prefixByteCount { begin() }
        return LayerScan.Step(takenByteCount: start.count, isDone: start.count == bytes.count)
    }

    private mutating func hash(_ bytes: UnsafeRawBufferPointer) {
        storedHash.update(bytes)
        payloadHash?.update(bytes)
    }

    private var isOutOfTime: Bool { spentTime > limits.time }

    mutating func finish() throws(LayerDamage) -> LayerFacts {
        guard storedHash.byteCount > 0 else { throw .empty }
        if compression == nil { begin() }
        guard !isOutOfTime else { throw .timeLimit }
        do throws(DecompressionError) { try decompressor?.finish() } catch { compressionDamage = error }
        if let compressionDamage { throw LayerDamage(compressionDamage) }
        if tarDamage == nil { do throws(TarDamage) { try tar.finish() } catch { tarDamage = error } }
        if let tarDamage { throw LayerDamage(tarDamage) }
        recompression?.finish()
        return LayerFacts(
            digest: storedHash.digest(),
            byteCount: storedHash.byteCount,
            diffID: compression == Compression.none ? storedHash.digest() : tarHash.digest(),
            uncompressedByteCount: compression == Compression.none ? storedHash.byteCount : tarHash.byteCount,
            compression: compression ?? .none,
            payloadChecksum: payloadHash?.digest(),
            hasTarEnd: tar.hasEnd
        )
    }

    /// Detects the compression from the prefix, and reads the prefix.
    private mutating func begin() {
        let detected = Compression.detected(inPrefix: prefix)
        compression = detected
        if detected != .none {
            do throws(DecompressionError) { decompressor = try Decompressor(detected, limits: limits) } catch {
                compressionDamage = error
            }
        }
        if isRecompressing, detected != .none, detected != .gzip {
            do throws(CompressionError) { recompression = try TarRecompressor() } catch {
                compressionDamage = .memoryLimit
            }
        }
        prefix.withUnsafeBytes { prefix in
            var prefix = prefix
            _ = open(&prefix, producing: .max)
        }
    }

    /// Hashes stored bytes from the front of `bytes`, and reads their content.
    private mutating func read(_ bytes: UnsafeRawBufferPointer, producing outputByteCount: Int) -> LayerScan.Step {
        var rest = bytes
        let mayGoOn = open(&rest, producing: outputByteCount)
        let taken = UnsafeRawBufferPointer(rebasing: bytes[..<(bytes.count - rest.count)])
        hash(taken)
        return LayerScan.Step(takenByteCount: taken.count, isDone: rest.isEmpty && !mayGoOn)
    }

    /// Reads the content of stored bytes until it has produced about `outputByteCount` bytes. After damage nothing is
    /// left to read.
    ///
    /// - Returns: Whether more output may follow without further input.
    private mutating func open(_ bytes: inout UnsafeRawBufferPointer, producing outputByteCount: Int) -> Bool {
        if isOutOfTime { decompressor = nil }
        guard compression != Compression.none, decompressor != nil else {
            if compression == Compression.none, !isOutOfTime { walk(bytes) }
            bytes.removeFirst(bytes.count)
            return false
        }
        var producedByteCount = 0
        do throws(DecompressionError) {
            while let piece = try decompressor?.next(&bytes) {
                tarHash.update(piece)
                recompression?.update(piece)
                walk(piece)
                producedByteCount += piece.count
                if producedByteCount >= outputByteCount { return true }
            }
        } catch {
            compressionDamage = error
            decompressor = nil
            bytes.removeFirst(bytes.count)
        }
        return false
    }

    /// Follows the tar up to its first damage. Reading continues, because damage to the compressed data may explain it.
    private mutating func walk(_ bytes: UnsafeRawBufferPointer) {
        sum(bytes)
        guard tarDamage == nil else { return }
        do throws(TarDamage) { try tar.walk(bytes) } catch { tarDamage = error }
    }

    private mutating func sum(_ bytes: UnsafeRawBufferPointer) {
        guard var reader = entries else { return }
        do {
            try reader.read(bytes) { event in
                for index in sums.indices { sums[index].take(event) }
            }
            entries = reader
        } catch {
            // The tar walk reports the error.
            entries = nil
        }
    }
}
