import Foundation

/// The output of a program on a terminal of some width, with times.
struct Terminal {
    /// The lines of one drawing.
    struct Drawing {
        /// In seconds since the program started.
        let time: Double
        let lines: [String]
    }

    /// The drawings, each in place of the previous one.
    let drawings: [Drawing]
    /// When the program wrote its last byte.
    let end: Double
    /// The whole output.
    let text: String
    let status: Int32

    /// Runs a shell command in a pseudo-terminal with script(1), which records when output was written.
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
        // The first line is about the recording.
        bytes = bytes.dropFirst(bytes.firstIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0)
        var time = 0.0
        var written: [UInt8] = []
        /// When the output had reached some offsets.
        var times: [(offset: Int, time: Double)] = []
        for line in try String(contentsOfFile: timing, encoding: .utf8).split(separator: "\n") {
            let fields = line.split(separator: " ")
            guard fields.count == 2, let pause = Double(fields[0]), let count = Int(fields[1]) else { continue }
            time += pause
            written += bytes.prefix(count)
            bytes = bytes.dropFirst(count)
            times.append((written.count, time))
        }
        // Each redrawing begins by erasing the previous one.
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
