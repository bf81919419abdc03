import ImageModel
import Testing

@testable import Migration

/// A simulation of workers in virtual time, with regular forecasts of the remaining time.
private struct SimulatedMigration {
    enum Piece {
        case layer(byteCount: Int64)
        case tag
        case check
    }

    /// How long each piece takes a worker that begins it at a time.
    let seconds: (Piece, _ now: Double) -> Double
    /// The phases, one after the other, each with its number of workers.
    let phases: [(pieces: [Piece], workerCount: Int)]

    struct Observation {
        let time: Double
        let secondsLeft: Double?
        let share: Double
    }

    /// The forecasts, five times a second, and the end time.
    func run() throws -> (observations: [Observation], end: Double) {
        var forecast = Forecast()
        forecast.begin(amount)
        var observations: [Observation] = []
        var now = 0.0
        var number = 0
        var ticks = 1
        for (pieces, workerCount) in phases {
            var waiting = pieces[...]
            var running: [(end: Double, began: Double, piece: Piece, image: V1ImageID)] = []
            while !waiting.isEmpty || !running.isEmpty {
                while running.count < workerCount, let piece = waiting.popFirst() {
                    number += 1
                    let image = try V1ImageID(parsing: String(repeating: "0", count: 56) + hex(number))
                    switch piece {
                    case .layer(let byteCount): forecast.begin(image, byteCount: byteCount, at: now)
                    case .tag: forecast.beginPiece(at: now)
                    case .check: break
                    }
                    running.append((now + seconds(piece, now), now, piece, image))
                }
                running.sort { $0.end > $1.end }
                guard let next = running.last else { break }
                if Double(ticks) / 5 < next.end {
                    now = Double(ticks) / 5
                    ticks += 1
                    for case let job in running {
                        guard case .layer(let byteCount) = job.piece else { continue }
                        let share = (now - job.began) / max(job.end - job.began, 0.000_1)
                        forecast.advance(job.image, to: Int64(Double(byteCount) * min(1, share)))
                    }
                    let left = forecast.secondsLeft(at: now)
                    observations.append(.init(time: now, secondsLeft: left, share: forecast.share(at: now)))
                    continue
                }
                now = next.end
                running.removeLast()
                switch next.piece {
                case .layer: forecast.finish(next.image, at: now)
                case .tag: forecast.finishTag(began: next.began, at: now)
                case .check: forecast.finishCheck(byteCount: nil, began: next.began, at: now)
                }
            }
        }
        return (observations, now)
    }

    private var amount: LearnedCosts.Amount {
        phases.flatMap(\.pieces).reduce(into: LearnedCosts.Amount()) { amount, piece in
            switch piece {
            case .layer(let byteCount):
                amount.layerCount += 1
                amount.layerByteCount += byteCount
            case .tag: amount.tagCount += 1
            case .check: amount.checkCount += 1
            }
        }
    }

    private func hex(_ number: Int) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: 8 - digits.count) + digits
    }
}

@Suite("The remaining time") struct ForecastTests {
    /// 2,390 layers of some hundred megabytes and 2,053 tags: the large layers first, tags among the others.
    private static let pieces: [SimulatedMigration.Piece] = {
        var pieces: [SimulatedMigration.Piece] = []
        for number in 0..<2366 {
            if number < 24 * 4, number.isMultiple(of: 4) { pieces.append(.layer(byteCount: 12_000_000)) }
            pieces.append(.layer(byteCount: number % 10 == 0 ? 800_000 : 12_000))
            if number > 300 { pieces.append(.tag) }
        }
        return pieces
    }()

    private static let checks = (0..<2053).map { _ in SimulatedMigration.Piece.check }

    /// A kind of machine, which determines how long pieces take.
    enum Machine: CaseIterable {
        case fast
        case slowDisk
        case slowProcessor
        /// Other work takes half of the machine after some seconds.
        case busyLater

        fileprivate func seconds(_ piece: SimulatedMigration.Piece, _ now: Double) -> Double {
            let (sync, bytesPerSecond): (Double, Double) =
                switch self {
                case .fast: (0.01, 200e6)
                case .slowDisk: (0.12, 150e6)
                case .slowProcessor: (0.03, 6e6)
                case .busyLater: now > 6 ? (0.08, 10e6) : (0.04, 20e6)
                }
            return switch piece {
            case .layer(let byteCount): sync * 3 + Double(byteCount) / bytesPerSecond
            case .tag: sync * 6
            case .check: 0.0005 + 30_000 / bytesPerSecond
            }
        }
    }

    @Test("follows the expectation while little is known, and what was learned later")
    func expectation() throws {
        func secondsLeft(expected: Double?, layerCount: Int) throws -> Double {
            var forecast = Forecast()
            var amount = LearnedCosts.Amount()
            amount.layerCount = 1000
            forecast.begin(amount, expectedSeconds: expected)
            for number in 0..<layerCount {
                let image = try V1ImageID(parsing: String(repeating: "0", count: 60) + String(1000 + number))
                forecast.begin(image, byteCount: 1, at: Double(number) * 2)
                forecast.finish(image, at: Double(number + 1) * 2)
            }
            let left = forecast.secondsLeft(at: Double(layerCount) * 2)
            return try #require(left)
        }
        #expect(try secondsLeft(expected: nil, layerCount: 1) > 1900)
        #expect(try (30...90).contains(secondsLeft(expected: 30, layerCount: 1)))
        #expect(try secondsLeft(expected: 30, layerCount: 6) == secondsLeft(expected: nil, layerCount: 6))
    }

    @Test("is never shown as less than half or more than three times the actual time", arguments: Machine.allCases)
    func bounds(machine: Machine) throws {
        let simulation = SimulatedMigration(
            seconds: machine.seconds,
            phases: [(Self.pieces, 16), (Self.checks, 8)]
        )
        let (observations, end) = try simulation.run()
        #expect(end > 4, "there is something to be seen")
        // Before the machine becomes busy, nothing indicates that it will.
        let start = machine == .busyLater ? 12.0 : 2
        for observation in observations where observation.time >= start && end - observation.time > 0.5 {
            let actual = end - observation.time
            let shown = try #require(observation.secondsLeft)
            #expect(shown >= actual / 2 && shown <= actual * 3, "\(shown) shown for \(actual) at \(observation.time)")
        }
        #expect(zip(observations, observations.dropFirst()).allSatisfy { $0.share <= $1.share })
        #expect(observations.allSatisfy { (0...1).contains($0.share) })
        let middle = try #require(observations.first { $0.time > end / 2 })
        #expect((0.25...0.75).contains(middle.share))
    }
}
