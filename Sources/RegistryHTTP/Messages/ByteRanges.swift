import NIOCore

/// The meaning of a `Range` header for a body of a known size, with support for several parts.
///
/// RFC 9110, section 14.2. Where that leaves room, this follows Go's `http.ServeContent`, which registry:2 uses: parts
/// past the end are left out, a single remaining part is sent as one, and for parts that total more than the body, the
/// whole body is sent.
enum ByteRanges: Equatable {
    /// There is no header, or it is to be ignored.
    case whole
    /// The bytes from the lower bound up to, but not including, the upper.
    case part(Range<Int64>)
    /// Two or more parts, in the requested order; they may overlap.
    case parts([Range<Int64>])
    /// No part begins before the end, or one ends before it begins.
    case unsatisfiable

    /// The most parts in a response. For more, the whole body is sent: each part costs a read.
    static let limit = 1024

    /// Parses the header for a body of `byteCount` bytes.
    init(header: String?, byteCount: Int64) {
        guard let header, header.utf8.contains(UInt8(ascii: ",")) else {
            self.init(ByteRange(header: header, byteCount: byteCount))
            return
        }
        self = Self.list(header, byteCount) ?? .whole
    }

    private init(_ range: ByteRange) {
        switch range {
        case .whole: self = .whole
        case .part(let range): self = .part(range)
        case .unsatisfiable: self = .unsatisfiable
        }
    }

    /// Parses a list; nil for one that is to be ignored.
    private static func list(_ header: String, _ byteCount: Int64) -> ByteRanges? {
        guard header.lowercased().hasPrefix(ByteRange.prefix) else { return nil }
        var parts: [Range<Int64>] = []
        var count = 0
        var isPastTheEnd = false
        for element in header.dropFirst(ByteRange.prefix.count).split(separator: ",") {
            let element = element.drop { $0 == " " || $0 == "\t" }
            let range = String(element.reversed().drop { $0 == " " || $0 == "\t" }.reversed())
            if range.isEmpty { continue }
            count += 1
            guard count <= limit else { return nil }
            switch ByteRange(header: ByteRange.prefix + range, byteCount: byteCount) {
            case .whole: return nil
            case .part(let part): parts.append(part)
            case .unsatisfiable:
                // A part past the end is left out; one that ends before it begins invalidates the list.
                let isPossible = ByteRange(header: ByteRange.prefix + range, byteCount: .max) != .unsatisfiable
                guard isPossible || range.hasPrefix("-") else { return .unsatisfiable }
                isPastTheEnd = true
            }
        }
        guard let first = parts.first else { return isPastTheEnd ? .unsatisfiable : nil }
        if parts.count == 1 { return .part(first) }
        var rest = byteCount
        for part in parts {
            guard part.count <= rest else { return nil }
            rest -= Int64(part.count)
        }
        return .parts(parts)
    }
}

/// A body of several parts: `multipart/byteranges`, RFC 9110, section 14.6.
package struct MultipartRanges: Sendable {
    /// The ranges, in order.
    package let ranges: [Range<Int64>]
    /// The framing before each part and after the last.
    let heads: [ByteBuffer]
    let tail: ByteBuffer
    /// The size of the whole body.
    package let byteCount: Int64
    /// The media type of the whole body.
    package let contentType: String

    /// - Parameters:
    ///   - ranges: The ranges of the original body.
    ///   - byteCount: The size of the original body.
    ///   - type: The media type of the original body.
    package init(_ ranges: [Range<Int64>], of byteCount: Int64, type: String) {
        let boundary = Self.newBoundary()
        self.ranges = ranges
        contentType = "multipart/byteranges; boundary=\(boundary)"
        heads = ranges.enumerated().map { index, range in
            let bounds = "\(range.lowerBound)-\(range.upperBound - 1)"
            return ByteBuffer(
                string: (index == 0 ? "" : "\r\n")
                    + "--\(boundary)\r\nContent-Range: bytes \(bounds)/\(byteCount)\r\nContent-Type: \(type)\r\n\r\n"
            )
        }
        tail = ByteBuffer(string: "\r\n--\(boundary)--\r\n")
        let framing = heads.reduce(tail.readableBytes) { $0 + $1.readableBytes }
        self.byteCount = ranges.reduce(Int64(framing)) { $0 + Int64($1.count) }
    }

    /// 60 random digits, which no body contains by chance.
    private static func newBoundary() -> String {
        (0..<60).map { _ in String(UInt8.random(in: 0..<16), radix: 16) }.joined()
    }
}
