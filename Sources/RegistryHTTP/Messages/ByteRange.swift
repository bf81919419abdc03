/// What a `Range` header asks of a body of a known size.
///
/// RFC 9110, section 14. A range whose end comes before its beginning is refused. Several ranges (``ByteRanges`` knows
/// them), other units and malformed headers are answered with the whole body, which that section allows.
enum ByteRange: Equatable {
    /// There is no header, or one that is to be ignored.
    case whole
    /// The bytes from the lower bound up to, not including, the upper.
    case part(Range<Int64>)
    /// The range begins past the end, or behind its own end.
    case unsatisfiable

    /// How a header of this unit begins.
    static let prefix = "bytes="

    /// Parses the header for a body of `byteCount` bytes.
    ///
    /// A last byte past the end is cut: Docker's own resume of a v1 layer asks for `bytes=N-SIZE`.
    init(header: String?, byteCount: Int64) {
        guard let header, header.lowercased().hasPrefix(Self.prefix) else {
            self = .whole
            return
        }
        let bounds = header.dropFirst(Self.prefix.count).split(separator: "-", omittingEmptySubsequences: false)
        guard bounds.count == 2, bounds.allSatisfy({ $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }) else {
            self = .whole
            return
        }
        switch (Self.number(bounds[0]), Self.number(bounds[1])) {
        case (let first?, nil):
            self = first < byteCount ? .part(first..<byteCount) : .unsatisfiable
        case (nil, let count?):
            self = count > 0 && byteCount > 0 ? .part(max(0, byteCount - count)..<byteCount) : .unsatisfiable
        case (let first?, let last?):
            let isRange = first <= last && first < byteCount
            self = isRange ? .part(first..<min(last, byteCount - 1) + 1) : .unsatisfiable
        case (nil, nil):
            self = .whole
        }
    }

    /// The number, nil for no digits; one too large for any file is cut to the largest that fits.
    private static func number(_ digits: Substring) -> Int64? {
        digits.isEmpty ? nil : (Int64(digits) ?? .max - 1)
    }
}
