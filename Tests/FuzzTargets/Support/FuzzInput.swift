/// Ways for targets to split an input.
enum FuzzInput {
    /// An input as text, with U+FFFD where it is not UTF-8.
    static func text(_ input: [UInt8]) -> String { String(decoding: input, as: UTF8.self) }

    /// The first line of an input and everything after it.
    static func firstLine(_ input: [UInt8]) -> (line: String, rest: [UInt8]) {
        let parts = input.split(separator: UInt8(ascii: "\n"), maxSplits: 1, omittingEmptySubsequences: false)
        return (text(Array(parts[0])), parts.count > 1 ? Array(parts[1]) : [])
    }

    /// Passes an input in pieces of 1 to 766 bytes; the first byte of each determines its size.
    static func inPieces(_ input: [UInt8], _ take: (UnsafeRawBufferPointer) throws -> Void) rethrows {
        try input.withUnsafeBytes { bytes in
            var rest = bytes[...]
            while let first = rest.first {
                try take(UnsafeRawBufferPointer(rebasing: rest.prefix(Int(first) * 3 + 1)))
                rest = rest.dropFirst(Int(first) * 3 + 1)
            }
        }
    }
}
