/// One line of progress, fitted to the available width.
package struct ProgressLine: Sendable {
    /// The required parts: percentage, time, tags.
    private let essential: [String]
    /// The required parts in as few characters as possible.
    private let terse: String
    /// Optional parts, the more important first.
    private let details: [String]
    private let share: Double

    /// - Parameter elapsed: The seconds since the work began.
    package init(_ state: MigrationProgress.Snapshot, elapsed: Double) {
        let isDone = state.layersDone == state.layersToDo && state.tagsDone == state.tagsToDo
        // Blobs may remain to be read back: 100 % is shown only when that is done too.
        self.share = isDone ? max(state.share, 0.99) : state.share
        let percentage = Self.padded("\(Int((share * 100).rounded(.down)))%")
        let time = state.secondsLeft.map { Quantity.remaining($0) } ?? "?"
        let tags = "\(state.tagsDone)/\(state.tagsToDo)"
        self.essential = [percentage, "\(time) left", "tags \(tags)"]
        self.terse = "\(percentage.drop { $0 == " " }) \(time.filter { $0 != " " }) \(tags)"
        let rate = elapsed > 0 ? Double(state.bytesRead) / elapsed : 0
        var details = [
            "layers \(state.layersDone)/\(state.layersToDo)",
            "\(Quantity.bytes(state.bytesRead)) of \(Quantity.bytes(state.bytesToRead))",
            Quantity.rate(rate),
        ]
        if state.bytesFetched > 0 { details.append("fetched \(Quantity.bytes(state.bytesFetched))") }
        if state.bytesSent > 0 { details.append("sent \(Quantity.bytes(state.bytesSent))") }
        if state.bytesVerified > 0 { details.append("read back \(Quantity.bytes(state.bytesVerified))") }
        self.details = details
    }

    /// The line in at most `width` characters, with a bar where that leaves room for one.
    ///
    /// Details are dropped first; percentage, remaining time and tags stay, abbreviated if necessary.
    package func text(width: Int) -> String {
        var parts = essential
        guard Self.length(parts) <= width else { return String(terse.prefix(max(0, width))) }
        for detail in details where Self.length(parts + [detail]) <= width { parts.append(detail) }
        let room = width - Self.length(parts) - 4
        guard room >= 8 else { return parts.joined(separator: Self.separator) }
        return ([Self.bar(share, width: min(room, 24))] + parts).joined(separator: Self.separator)
    }

    /// The full line, for a log.
    package var text: String { (essential + details).joined(separator: Self.separator) }

    /// A line for a layer being read, in at most `width` characters.
    package static func text(_ job: MigrationProgress.Job, width: Int) -> String {
        let done = min(job.byteCount, job.bytesDone / Int64(job.stepCount))
        let share = job.byteCount == 0 ? 1 : Double(done) / Double(job.byteCount)
        let line = "  \("\(job.image)".prefix(12))  " + padded("\(Int(share * 100))%")
        let bytes = "  \(Quantity.bytes(done)) of \(Quantity.bytes(job.byteCount))"
        return String((line.count + bytes.count <= width ? line + bytes : line).prefix(max(0, width)))
    }

    private static let separator = "  "

    private static func length(_ parts: [String]) -> Int {
        parts.reduce(0) { $0 + $1.count } + separator.count * max(0, parts.count - 1)
    }

    private static func bar(_ share: Double, width: Int) -> String {
        let filled = Int(max(0, min(1, share)) * Double(width))
        return "[" + String(repeating: "#", count: filled) + String(repeating: "-", count: width - filled) + "]"
    }

    private static func padded(_ text: String) -> String {
        String(repeating: " ", count: max(0, 4 - text.count)) + text
    }
}
