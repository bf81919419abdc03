import Foundation

/// The content of a directory, for detecting changes.
struct FileListing: Equatable {
    /// One file or directory.
    struct Entry: Equatable {
        let byteCount: Int
        let modified: Date
        let inode: Int
        let linkCount: Int
        let content: Data?

        func with(linkCount: Int) -> Entry {
            Entry(byteCount: byteCount, modified: modified, inode: inode, linkCount: linkCount, content: content)
        }
    }

    /// By path.
    let entries: [String: Entry]

    private init(entries: [String: Entry]) { self.entries = entries }

    init(of directory: String) throws {
        var entries: [String: Entry] = [:]
        for path in try FileManager.default.subpathsOfDirectory(atPath: directory) {
            let attributes = try FileManager.default.attributesOfItem(atPath: "\(directory)/\(path)")
            let isFile = attributes[.type] as? FileAttributeType == .typeRegular
            entries[path] = Entry(
                byteCount: isFile ? (attributes[.size] as? Int ?? 0) : 0,
                modified: attributes[.modificationDate] as? Date ?? .distantPast,
                inode: attributes[.systemFileNumber] as? Int ?? 0,
                linkCount: isFile ? (attributes[.referenceCount] as? Int ?? 0) : 0,
                content: isFile ? try Data(contentsOf: URL(filePath: "\(directory)/\(path)")) : nil
            )
        }
        self.entries = entries
    }

    /// The listing without link counts, which hard links elsewhere change.
    var withoutLinkCounts: FileListing { FileListing(entries: entries.mapValues { $0.with(linkCount: 0) }) }

    /// The size of all files that are not in `other`, with each hard-linked file counted once.
    func byteCount(notIn other: FileListing) -> Int {
        let shared = Set(other.entries.values.map(\.inode))
        let own = entries.values.filter { !shared.contains($0.inode) }.map { ($0.inode, $0.byteCount) }
        return Dictionary(own) { first, _ in first }.values.reduce(0, +)
    }

    /// The paths that differ, with all their attributes.
    func differences(from other: FileListing, except isExempt: (String) -> Bool = { _ in false }) -> [String] {
        Set(entries.keys).union(other.entries.keys).filter { entries[$0] != other.entries[$0] && !isExempt($0) }
            .sorted()
    }
}
