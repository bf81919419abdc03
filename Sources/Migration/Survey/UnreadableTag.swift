/// Why a tag's file names no image.
enum UnreadableTag: Error, Equatable, CustomStringConvertible {
    /// It went while the tree was read.
    case gone
    /// It has no bytes.
    case empty
    /// It holds something else.
    case notAnID(shown: String)

    init(content: [UInt8]) {
        let shown = String(decoding: content.prefix(80), as: UTF8.self).debugDescription
        self = content.isEmpty ? .empty : .notAnID(shown: shown)
    }

    var description: String {
        switch self {
        case .gone: "the tag went away while the tree was read"
        case .empty: "the tag's file is empty"
        case .notAnID(let shown): "the tag's file does not hold an image id alone, but \(shown)"
        }
    }
}
