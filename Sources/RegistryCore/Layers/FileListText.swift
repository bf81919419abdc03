import ImageModel
import NIOCore
import SystemLibraries

/// The text of a file list, written while a layer is read: an array of arrays in the format of Python's `json.dumps`.
struct FileListText: Sendable {
    private var pending = ByteBuffer()
    private var byteCount = 0
    private var isEmpty = true

    /// Adds an entry: name, type, whether it is a whiteout, size, time, mode, owner and group. Omits the union file
    /// system's own files.
    ///
    /// - Throws: ``FileListTooLong``.
    mutating func add(_ entry: TarEntry) throws(FileListTooLong) {
        guard let name = Self.listedName(entry.name) else { return }
        let description = JSONValue.array([
            .string(String(decoding: name.name, as: UTF8.self)), .string(Self.letter(of: entry)),
            .boolean(name.isDeleted), .integer(entry.byteCount), .integer(entry.modified), .integer(entry.mode),
            .integer(entry.userID), .integer(entry.groupID),
        ])
        let text = description.pythonEncoded()
        byteCount += text.count + 2
        guard byteCount <= FileLists.byteLimit else { throw FileListTooLong() }
        pending.writeString(isEmpty ? "[" : ", ")
        pending.writeBytes(text)
        isEmpty = false
    }

    /// The text added since the last call.
    mutating func take() -> ByteBuffer {
        defer { pending.clear() }
        return pending
    }

    /// The end of the text, with everything added since the last call of ``take()``.
    mutating func finish() -> ByteBuffer {
        pending.writeString(isEmpty ? "[]" : "]")
        return take()
    }

    /// The listed name, and whether it is a whiteout; nil if it is not listed.
    private static func listedName(_ written: [UInt8]) -> (name: [UInt8], isDeleted: Bool)? {
        let slash = UInt8(ascii: "/")
        let end = (written.lastIndex { $0 != slash } ?? min(0, written.count - 1)) + 1
        var name = Array(written[..<end])
        if name == [UInt8(ascii: ".")] { name = [slash] }
        if name.starts(with: "./".utf8) { name.removeFirst() }
        let whiteOut = Array("/.wh.".utf8)
        let isDeleted = name.starts(with: whiteOut)
        if isDeleted { name.removeSubrange(1..<whiteOut.count) }
        return name.starts(with: whiteOut) ? nil : (name, isDeleted)
    }

    private static func letter(of entry: TarEntry) -> String {
        switch entry.type {
        case 0 where entry.name.last == UInt8(ascii: "/"): "d"
        case 0, UInt8(ascii: "0"): "f"
        case UInt8(ascii: "1"): "l"
        case UInt8(ascii: "2"): "s"
        case UInt8(ascii: "3"): "c"
        case UInt8(ascii: "4"): "b"
        case UInt8(ascii: "5"): "d"
        case UInt8(ascii: "6"): "i"
        case UInt8(ascii: "7"): "t"
        case UInt8(ascii: "S"): "S"
        default: "u"
        }
    }
}

/// The error for a list with more bytes than ``FileLists/byteLimit``.
struct FileListTooLong: Error {}
