import Testing

@testable import Migration

@Suite("The progress line") struct ProgressLineTests {
    private static func line(tags: Int, secondsLeft: Double?) -> ProgressLine {
        ProgressLine(
            MigrationProgress.Snapshot(
                bytesRead: 123_456_789,
                bytesToRead: 508_123_456,
                layersDone: tags / 2,
                layersToDo: tags,
                tagsDone: tags / 2,
                tagsToDo: tags,
                bytesVerified: 5_000_000,
                share: 0.456,
                secondsLeft: secondsLeft
            ),
            elapsed: 10
        )
    }

    @Test(
        "fits its width, and never loses percentage, time and tags",
        arguments: Array(16...200),
        [(7, 3.0), (2053, 75.5), (2_000_000, 350_000.0)]
    )
    func widths(width: Int, work: (tags: Int, seconds: Double)) {
        let text = Self.line(tags: work.tags, secondsLeft: work.seconds).text(width: width)
        #expect(text.count <= width)
        guard width >= 40 else { return }
        let time = Quantity.remaining(work.seconds)
        #expect(text.contains("45%") && text.contains("\(work.tags / 2)/\(work.tags)"), "\(text)")
        #expect(text.contains(time) || text.contains(time.filter { $0 != " " }), "\(text)")
    }

    @Test("shows more when there is more room")
    func details() {
        let line = Self.line(tags: 2053, secondsLeft: 75)
        #expect(line.text(width: 39) == " 45%  0:01:15 left  tags 1026/2053")
        #expect(line.text(width: 79).contains("layers 1026/2053") && !line.text(width: 79).contains("read back"))
        #expect(line.text(width: 150).hasPrefix("[#"))
        #expect(line.text.hasSuffix("read back 5.0 MB"))
    }

    @Test("shows when nothing is known yet, and never that nothing is left before the end")
    func ends() {
        #expect(Self.line(tags: 2053, secondsLeft: nil).text(width: 39).contains("? left"))
        #expect(Self.line(tags: 2053, secondsLeft: 0).text(width: 39).contains("< 1 s left"))
    }
}
