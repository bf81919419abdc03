import Foundation

/// A report as an HTML page: a single file that loads nothing from elsewhere.
package struct ReportPage {
    private let report: MigrationReport

    /// Creates the page for a report.
    package init(_ report: MigrationReport) { self.report = report }

    /// The page.
    package var html: String {
        """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>Migration of \(Self.escaped(report.source))</title>
        <style>
        body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 76rem; padding: 0 1rem; color: #1b1f24 }
        table { border-collapse: collapse; width: 100%; margin: 1rem 0 }
        th, td { text-align: left; vertical-align: top; padding: .25rem .6rem; border-bottom: 1px solid #d8dee4 }
        td.number { text-align: right; white-space: nowrap }
        code { font: 12px ui-monospace, monospace; overflow-wrap: anywhere }
        .good { color: #1a7f37 } .bad { color: #b42318 }
        [hidden] { display: none }
        svg { width: 100%; background: #f6f8fa }
        input { font: inherit; padding: .2rem .5rem; width: 24rem; max-width: 100% }
        @media (prefers-color-scheme: dark) { body { background: #15191e; color: #dde3ea } svg { background: #1f252c } }
        </style>
        </head>
        <body>
        <h1>Migration of \(Self.escaped(report.source))</h1>
        <p>to \(Self.escaped(report.destination)), on \(Self.escaped(report.host)), \(Self.time(report.started)) to \(Self.time(report.finished)). \(verdict)</p>
        \(totals)
        \(throughput)
        \(failures)
        \(tags)
        \(notices)
        \(Self.filterScript)
        </body>
        </html>

        """
    }

    private var verdict: String {
        if report.isComplete { return "<strong class=\"good\">Every tag was converted.</strong>" }
        if report.interruption != nil {
            let reason = report.interruptionReason.map { ": \(Self.escaped($0))" } ?? ""
            return "<strong class=\"bad\">The run ended early\(reason). Run it again to continue.</strong>"
        }
        return "<strong class=\"bad\">\(report.totals.tagsFailed) tags were not converted; the reasons follow.</strong>"
    }

    private var totals: String {
        let totals = report.totals
        let saved = max(0, totals.bytesReferenced - totals.bytesStored)
        let rows: [(String, String)] = [
            ("Repositories", "\(totals.repositories)"),
            ("Tags converted", "\(totals.tagsConverted)"),
            ("Tags unchanged since an earlier run", "\(totals.tagsUnchanged)"),
            ("Tags kept, because v2 has another image", "\(totals.tagsKept)"),
            ("Tags that could not be converted", "\(totals.tagsFailed)"),
            ("Tags skipped", "\(totals.tagsLeftOut)"),
            ("Images", "\(totals.images)"),
            ("Damaged images", "\(totals.imagesDamaged)"),
            ("Read and verified", Quantity.bytes(totals.bytesRead)),
            ("Linked", Quantity.bytes(totals.bytesLinked)),
            ("Copied or sent", Quantity.bytes(totals.bytesCopied)),
            ("Read and already there", Quantity.bytes(totals.bytesShared)),
            ("Read back", Quantity.bytes(totals.bytesVerified)),
            ("Saved by sharing layers between tags", Quantity.bytes(saved)),
            ("Time", Quantity.duration(report.finished.timeIntervalSince(report.started))),
        ]
        return table("Totals", [], rows.map { [Self.escaped($0.0), Self.escaped($0.1)] }, numbersFrom: 1)
    }

    private var throughput: String {
        guard let svg = ThroughputChart(report.throughput).svg else { return "" }
        return "<h2>Throughput</h2>\n<p>Bytes read per second.</p>\n\(svg)"
    }

    private var failures: String {
        guard !report.failedTags.isEmpty else { return "" }
        let byReason = Dictionary(grouping: report.failedTags) { Self.kind(of: $0.reason) }
        let rows = byReason.sorted { ($1.value.count, $0.key) < ($0.value.count, $1.key) }.map { reason, tags in
            [Self.escaped(reason), tags.map(Self.line).joined(separator: "<br>")]
        }
        return table("Not converted", ["Reason", "Tags, with the damaged image"], rows)
    }

    private static func line(_ tag: MigrationReport.FailedTagEntry) -> String {
        let name = tag.tag.isEmpty ? tag.v1Repository : "\(tag.v1Repository):\(tag.tag)"
        return escaped(name) + (tag.image.map { " " + code(String($0.prefix(12))) } ?? "")
    }

    /// A reason without ids and digests, for grouping failures of the same kind.
    private static func kind(of reason: String) -> String {
        let words = reason.split(separator: " ", omittingEmptySubsequences: false).map { word in
            let parts = word.split(whereSeparator: { !$0.isLetter && !$0.isNumber })
            guard let id = parts.first(where: { $0.count >= 64 && $0.allSatisfy(\.isHexDigit) }) else {
                return String(word)
            }
            return String(word.replacing(id, with: "…"))
        }
        let text = words.joined(separator: " ")
        return text.hasPrefix("image …: ") ? String(text.dropFirst("image …: ".count)) : text
    }

    private var tags: String {
        let rows = report.tags.map { tag in
            [
                Self.escaped("\(tag.repository):\(tag.tag)"), Self.code(tag.v1Image), Self.code(tag.imageID ?? ""),
                Self.code(tag.manifest), Self.escaped(tag.outcome.rawValue),
            ]
        }
        return table("Tags", ["Tag", "v1 image", "Image ID", "Manifest", "Outcome"], rows, filter: "tags")
    }

    private var notices: String {
        guard !report.notices.isEmpty else { return "" }
        let rows = report.notices.map { [Self.escaped($0.subject), Self.escaped($0.notice)] }
        return table("Warnings", ["Subject", "Warning"], rows, filter: "warnings")
    }

    /// Shows only the table rows that match the filter box, and counts them.
    private static let filterScript = """
        <script>
        document.querySelectorAll("input[data-table]").forEach(input => {
          const rows = [...document.getElementById(input.dataset.table).querySelectorAll("tr")].filter(row => row.querySelector("td"))
          const texts = rows.map(row => row.textContent.toLowerCase())
          input.closest("p").hidden = false
          input.addEventListener("input", () => {
            const words = input.value.toLowerCase().split(/\\s+/)
            let count = 0
            rows.forEach((row, index) => {
              row.hidden = !words.every(word => texts[index].includes(word))
              if (!row.hidden) count += 1
            })
            input.closest("p").querySelector("output").textContent = count + " of " + rows.length
          })
        })
        </script>
        """

    /// - Parameter filter: The table's id for a box that filters its rows; nil for no box. Without scripts the box
    ///   stays hidden.
    private func table(
        _ title: String,
        _ heads: [String],
        _ rows: [[String]],
        numbersFrom: Int = .max,
        filter: String? = nil
    ) -> String {
        let box = filter.map { name in
            "<p hidden><label>Filter <input type=\"search\" data-table=\"\(name)\"></label> "
                + "<output>\(rows.count) of \(rows.count)</output></p>\n"
        }
        let identity = filter.map { " id=\"\($0)\"" } ?? ""
        let head = heads.isEmpty ? "" : "<tr>" + heads.map { "<th>\($0)</th>" }.joined() + "</tr>\n"
        let body = rows.map { row in
            let cells = row.enumerated().map { index, cell in
                index >= numbersFrom ? "<td class=\"number\">\(cell)</td>" : "<td>\(cell)</td>"
            }
            return "<tr>\(cells.joined())</tr>"
        }
        return "<h2>\(title)</h2>\n\(box ?? "")<table\(identity)>\n\(head)\(body.joined(separator: "\n"))\n</table>"
    }

    private static func code(_ text: String) -> String { "<code>\(escaped(text))</code>" }

    private static func time(_ date: Date) -> String { escaped(date.formatted(.iso8601)) }

    /// Escapes text from outside: names and reasons contain whatever was in the tree.
    static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            default:
                // Control characters are not allowed in HTML, and some reverse the text's direction.
                let isUnsafe = [.control, .format, .surrogate].contains(scalar.properties.generalCategory)
                if isUnsafe { result += "\u{FFFD}" } else { result.unicodeScalars.append(scalar) }
            }
        }
        return result
    }
}
