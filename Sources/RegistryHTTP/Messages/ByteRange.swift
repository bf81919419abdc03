/// The meaning of a `Range` header for a body of a known size.
///
/// RFC 9110, section 14. A range whose end comes before its beginning is refused. For several ranges (see
/// ``ByteRanges``), other units and malformed headers the whole body is sent, which that section allows.
enum ByteRange: Equatable {
    /// There is no header, or it is to be ignored.
    case whole
    /// The bytes from the lower bound up to, but not including, the upper.
    case part(Range<Int64>)
    /// The range begins past the end of the body, or ends before its beginning.
    case unsatisfiable

    /// The prefix of a header with this unit.
    static let prefix = "bytes="

    /// Parses the header for a body of `byteCount` bytes.
    ///
    /// A last byte past the end is clamped: Docker's own resume of a v1 layer asks for `bytes=N-SIZE`.
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

    /// The number, nil without digits; a number too large for any file is clamped.
    private static func number(_ digits: Substring) -> Int64? {
        digits.isEmpty ? nil : (Int64(digits) ?? .max - 1)
    }
}
