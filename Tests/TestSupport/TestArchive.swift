/// A tar written by a test.
package struct TestArchive {
    /// The entries so far, without an end.
    package private(set) var bytes: [UInt8] = []

    /// Creates an archive without entries.
    package init() {}

    /// Adds a file, or with `link` a symbolic link.
    package mutating func add(_ path: String, _ content: [UInt8] = [], link: String? = nil) {
        begin(path, byteCount: content.count, link: link)
        bytes += content + [UInt8](repeating: 0, count: -content.count & 511)
    }

    /// Adds a hard link.
    package mutating func add(_ path: String, hardLink target: String) {
        begin(path, byteCount: 0, link: target, type: "1")
    }

    /// Adds a file's header only: its content must follow.
    package mutating func begin(_ path: String, byteCount: Int, link: String? = nil, type: String? = nil) {
        var block = [UInt8](repeating: 0, count: 512)
        func put(_ text: String, at offset: Int) {
            block.replaceSubrange(offset..<(offset + text.utf8.count), with: text.utf8)
        }
        func octal(_ number: Int, _ width: Int) -> String {
            let digits = String(number, radix: 8)
            return String(repeating: "0", count: width - digits.count) + digits
        }
        put(path, at: 0)
        put("0000644", at: 100)
        put(octal(byteCount, 11), at: 124)
        put("        ", at: 148)
        put(type ?? (link == nil ? "0" : "2"), at: 156)
        put(link ?? "", at: 157)
        put("ustar", at: 257)
        put(octal(block.reduce(0) { $0 + Int($1) }, 6), at: 148)
        block[154] = 0
        bytes += block
    }

    /// Everything, with the end of the tar.
    package var finished: [UInt8] { bytes + [UInt8](repeating: 0, count: 1024) }
}
