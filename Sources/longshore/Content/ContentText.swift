import Foundation
import ImageModel
import Migration
import RegistryCore

/// Lines of a table: columns padded to equal width.
struct TextTable {
    private var rows: [[String]]

    /// - Parameter header: The names of the columns; empty for none.
    init(_ header: [String]) { rows = header.isEmpty ? [] : [header] }

    mutating func add(_ row: [String]) { rows.append(row) }

    /// The lines, without spaces at their ends.
    var lines: [String] {
        var widths: [Int] = []
        for row in rows {
            for (column, text) in row.enumerated() {
                if column == widths.count { widths.append(0) }
                widths[column] = max(widths[column], text.count)
            }
        }
        return rows.map { row in
            var line = ""
            for (column, text) in row.enumerated() {
                line += text
                line += String(repeating: " ", count: widths[column] - text.count + 2)
            }
            while line.last == " " { line.removeLast() }
            return line
        }
    }
}

/// JSON for scripts.
enum JSONLine {
    /// A value in one line. Every character is one that a terminal shows where it stands.
    static func text(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        var line = ""
        for scalar in String(decoding: try encoder.encode(value), as: UTF8.self).unicodeScalars {
            if scalar.isPrintable {
                line.unicodeScalars.append(scalar)
            } else {
                for unit in String(scalar).utf16 { line += String(format: "\\u%04x", UInt32(unit)) }
            }
        }
        return line
    }
}

/// A tag or untagged manifest, as `--json` prints it.
struct ListedImage: Encodable {
    private let tag: String?
    private let digest: String?
    private let mediaType: String?
    private let bytes: Int64?
    private let v1Image: String?
    private let created: String?
    private let problem: String?

    init(_ image: ImageSummary) {
        tag = image.tag
        digest = image.manifest?.digest.description
        mediaType = image.manifest?.mediaType.description
        bytes = image.byteCount
        v1Image = image.image
        created = image.created
        problem = image.problem
    }
}

extension ImageSummary {
    /// Its row in the table of a repository.
    var row: [String] {
        [
            tag ?? "(untagged)", manifest?.digest.description ?? "-", manifest?.mediaType.shortName ?? "v1 image",
            byteCount.map { Quantity.bytes(max(0, $0)) } ?? "-", String((created ?? "-").prefix(40)), image ?? "-",
            problem ?? "",
        ]
    }
}

extension MediaType {
    /// What operators call it; other types in full.
    fileprivate var shortName: String {
        switch self {
        case .schema1, .schema1Signed: "schema1"
        case .schema2: "schema2"
        case .manifestList: "manifest list"
        case .ociManifest: "OCI manifest"
        case .ociIndex: "OCI index"
        default: description
        }
    }
}
