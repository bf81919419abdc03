import Logging
import RegistryCore
import ServiceLifecycle

/// Verifies everything stored, slowly, while the server runs: `storage.maintenance.scrub`.
///
/// Damaged blobs count as missing from then on, so that clients push them again. Nothing else changes.
struct ScrubService: Service {
    let verifier: Verifier
    /// The maximum number of bytes to read per second.
    let byteRate: Int64
    let logger: Logger

    /// The minimum time between the starts of two passes.
    private static let interval = Duration.seconds(86_400)

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var known: Set<String> = []
            while !Task.isCancelled {
                let start = ContinuousClock.now
                await verify(&known)
                do { try await Task.sleep(until: start + Self.interval, clock: .continuous) } catch { return }
            }
        }
    }

    /// - Parameter known: The damage that was logged by earlier passes.
    private func verify(_ known: inout Set<String>) async {
        var options = VerificationOptions(width: 1)
        options.marksDamage = true
        options.resumes = true
        do {
            let report = try await verifier.run(options, progress: VerificationProgress(byteRate: byteRate))
            for finding in report.findings where !known.contains(finding.line) { finding.log(to: logger) }
            // What was repaired since is logged again if it is damaged again.
            known = Set(report.findings.map(\.line))
            logger.notice(
                "everything stored was verified",
                metadata: [
                    "blobs": "\(report.blobCount)", "layers": "\(report.layerCount)", "bytes": "\(report.byteCount)",
                    "damaged": "\(report.findings.count + report.omittedCount)",
                ]
            )
        } catch is CancellationError {
            return
        } catch {
            logger.warning("verification ended early", metadata: ["error": "\(Explanation.of(error))"])
        }
    }
}
