import Foundation
import FuzzTargets

// With `-Xswiftc -DFUZZING --sanitize fuzzer` this is a fuzzer; otherwise a program that tries every seed once.
#if FUZZING
    import Dispatch

    /// Called by libFuzzer with each input.
    @_cdecl("LLVMFuzzerTestOneInput")
    public func tryInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
        let input = Array(UnsafeBufferPointer(start: start, count: count))
        switch chosenTarget.trial {
        case .immediate(let trial): report { try trial(input) }
        case .waiting(let trial):
            let isDone = DispatchSemaphore(value: 0)
            Task.detached {
                do { try await trial(input) } catch { report { throw error } }
                isDone.signal()
            }
            isDone.wait()
        }
        return 0
    }

    /// The target named by `FUZZ_TARGET`.
    private let chosenTarget: FuzzTarget = {
        let name = ProcessInfo.processInfo.environment["FUZZ_TARGET"] ?? ""
        guard let target = FuzzTarget.all.first(where: { $0.name == name }) else {
            fatalError("FUZZ_TARGET is none of \(FuzzTarget.all.map(\.name).joined(separator: " "))")
        }
        return target
    }()

    /// Ends the process when a property is violated, which makes libFuzzer keep the input.
    private func report(_ trial: () throws -> Void) {
        do { try trial() } catch { fatalError("\(error)") }
    }
#else
    /// Tries every seed once, of the targets named by the arguments, or of all.
    @main struct Fuzzing {
        static func main() async throws {
            let names = CommandLine.arguments.dropFirst()
            var findings = 0
            for target in FuzzTarget.all where names.isEmpty || names.contains(target.name) {
                let seeds = try FuzzSeed.all(of: target)
                print("\(target.name): \(seeds.count) seeds")
                for seed in seeds {
                    do { try await target.run(seed.bytes) } catch {
                        print("\(seed): \(error)")
                        findings += 1
                    }
                }
            }
            if findings > 0 { exit(1) }
        }
    }
#endif
