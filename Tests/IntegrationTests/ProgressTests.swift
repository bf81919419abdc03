import Foundation
import TestSupport
import Testing

extension Integration {
    /// With a small tree by default; with `LONGSHORE_FULL=1` with a realistic one, and its times.
    @Suite("migrate, its progress", .needs("script")) struct ProgressTests {
        private static let size = Requirement.isFull ? OperatorTree.Size.shown : .small

        @Test("no line wraps, and each has percentage, time and tags; the estimated time is accurate")
        func progress() async throws {
            try await withTemporaryDirectory { directory in
                let tree = try OperatorTree(at: URL(filePath: directory.path("v1")), Self.size, seed: 3)
                #expect(tree.tagCount == Self.size.tagCount)
                // An estimate before anything is written, on the same machine.
                let dry = try await Program.longshore.run(
                    [
                        "migrate", tree.root.path, directory.path("dry"), "--dry-run", "--plan",
                        directory.path("plan.json"),
                    ]
                ).succeeded()
                #expect(dry.text.contains("\(tree.tagCount) tags will keep their names."))
                let plan = try JSONDecoder().decode(
                    Plan.self,
                    from: Data(contentsOf: URL(filePath: directory.path("plan.json")))
                )
                for columns in [40, 80, 120] {
                    let new = directory.path("v2-\(columns)")
                    let limit = Requirement.isFull ? "" : "--rate-limit 1M"
                    let command = "'\(Program.longshore.path)' migrate '\(tree.root.path)' '\(new)' \(limit)"
                    let started = ContinuousClock.now
                    let terminal = try await Terminal(columns: columns, command, timeLimit: .seconds(600))
                    let seconds = (ContinuousClock.now - started) / .seconds(1)
                    #expect(terminal.status == 0, "\(terminal.text.suffix(500))")
                    check(terminal, columns: columns)
                    if Requirement.isFull {
                        checkTimes(terminal)
                        let ratio = plan.estimatedSeconds / seconds
                        print("\(columns) columns: \(seconds) s, the dry run said \(plan.estimatedSeconds) s")
                        #expect(
                            (0.5...2).contains(ratio),
                            "the dry run said \(plan.estimatedSeconds) s, it took \(seconds)"
                        )
                    }
                    try FileManager.default.removeItem(atPath: new)
                }
            }
        }

        private struct Plan: Decodable {
            let estimatedSeconds: Double
        }

        private func check(_ terminal: Terminal, columns: Int) {
            #expect(!terminal.drawings.isEmpty)
            for drawing in terminal.drawings.dropLast() {
                #expect(drawing.lines.allSatisfy { $0.count < columns }, "\(drawing.lines)")
                let line = drawing.lines.last ?? ""
                #expect(
                    line.contains(/[0-9]+%/) && line.contains(/tags [0-9]+\/\d+/) && line.contains(" left"),
                    "\(line)"
                )
            }
        }

        /// After the first two seconds, the estimate must be between half and three times the actual time, give or take
        /// a second, since whole seconds are shown.
        private func checkTimes(_ terminal: Terminal) {
            guard let first = terminal.drawings.first?.time, let last = terminal.drawings.last?.time else { return }
            var worst = 1.0
            for drawing in terminal.drawings where drawing.time - first >= 2 {
                guard let shown = Self.seconds(drawing.lines.last ?? "") else { continue }
                let actual = last - drawing.time
                #expect(shown + 1 >= actual / 2, "\(shown) s shown, it took \(actual) s: \(drawing.lines.last ?? "")")
                #expect(shown - 1 <= actual * 3, "\(shown) s shown, it took \(actual) s: \(drawing.lines.last ?? "")")
                if actual > 2 { worst = max(worst, shown / actual, actual / shown) }
            }
            print("the time was wrong by a factor of \(worst) at most")
        }

        /// The time in a line: `12 s left`, `0:01:15 left`, `< 1 s left`.
        private static func seconds(_ line: String) -> Double? {
            if line.contains("< 1 s left") { return 0.5 }
            if let match = line.firstMatch(of: /(\d+) s left/) { return Double(match.1) }
            guard let match = line.firstMatch(of: /(\d+):(\d\d):(\d\d) left/) else { return nil }
            return (Double(match.1) ?? 0) * 3600 + (Double(match.2) ?? 0) * 60 + (Double(match.3) ?? 0)
        }
    }
}
