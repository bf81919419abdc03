import Testing

@testable import Migration

@Suite("The chart of bytes read") struct ThroughputChartTests {
    @Test("begins with the migration, even if everything was read before the first sample")
    func early() throws {
        let samples = [0.5, 1].map { MigrationProgress.Sample(seconds: $0, bytesRead: 4_000_000) }
        let chart = try #require(ThroughputChart(samples).svg)
        #expect(chart.contains(">8.0 MB/s<") && chart.contains(">0 B/s<") && chart.contains(">1.0 s<"))
        #expect(ThroughputChart([]).svg == nil)
    }
}
