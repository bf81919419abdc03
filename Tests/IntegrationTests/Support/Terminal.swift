import Foundation

/// What a program has drawn on a terminal of some width, and when.
struct Terminal {
    /// The lines of one drawing.
    struct Drawing {
        /// In seconds since the program began.
        let time: Double
        let lines: [String]
    }

    /// The drawings, each in the place of the one before.
    let drawings: [Drawing]
    /// When the program wrote its last byte.
    let end: Double
    /// All that it wrote.
    let text: String
    let status: Int32

    /// Runs a command of the shell in a pseudo-terminal, by script(1), which notes when what was written.
    init(columns: Int, rows: Int = 24, _ command: String, timeLimit: Duration = .seconds(120)) async throws {
        let directory = try TemporaryDirectory()
        defer { directory.remove() }
        let (output, timing) = (directory.path("output"), directory.path("timing"))
        let result = try await Program("script").run(
            ["-qe", "-O", output, "-T", timing, "-c", "stty rows \(rows) cols \(columns); \(command)"],
            timeLimit: timeLimit
        )
        status = result.status
        var bytes = try Data(contentsOf: URL(filePath: output))[...]
        // A line about the recording stands before all.
        bytes = bytes.dropFirst(bytes.firstIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0)
        var time = 0.0
        var written: [UInt8] = []
        /// When what was written up to an offset was there.
        var times: [(offset: Int, time: Double)] = []
        for line in try String(contentsOfFile: timing, encoding: .utf8).split(separator: "\n") {
            let fields = line.split(separator: " ")
            guard fields.count == 2, let pause = Double(fields[0]), let count = Int(fields[1]) else { continue }
            time += pause
            written += bytes.prefix(count)
            bytes = bytes.dropFirst(count)
            times.append((written.count, time))
        }
        // What is drawn again begins with the erasing of what was drawn.
        var drawings: [Drawing] = []
        var offset = 0
        let text = String(decoding: written, as: UTF8.self)
        for part in text.components(separatedBy: "\u{1B}[J") {
            let lines = part.prefix { $0 != "\u{1B}" }.split(whereSeparator: \.isNewline).map(String.init)
            let drawn = times.first { $0.offset > offset }?.time ?? time
            if offset > 0 { drawings.append(Drawing(time: drawn, lines: lines)) }
            offset += part.utf8.count + "\u{1B}[J".utf8.count
        }
        self.drawings = drawings
        self.end = time
        self.text = text
    }
}
