import Foundation
import Glibc
import Testing

/// The requirements of a test on its machine.
///
/// When something is missing, the test is skipped and says so. With `CI=true` in the environment nothing is skipped:
/// the test runs, and fails.
enum Requirement {
    static let isContinuousIntegration = ProcessInfo.processInfo.environment["CI"] == "true"
    /// Whether long tests run at their full size: `LONGSHORE_FULL=1`.
    static let isFull = ProcessInfo.processInfo.environment["LONGSHORE_FULL"] == "1"
    static let isRoot = geteuid() == 0
    /// Whether file systems can be mounted here.
    static let canMount = isRoot && mounts()

    private static func mounts() -> Bool {
        do {
            let directory = try TemporaryDirectory()
            defer { directory.remove() }
            guard mount("tmpfs", directory.path, "tmpfs", 0, "size=64k") == 0 else { return false }
            return umount(directory.path) == 0
        } catch {
            return false
        }
    }
}

extension Trait where Self == ConditionTrait {
    /// The test runs other programs, which must be installed.
    static func needs(_ programs: String...) -> Self {
        let absent = programs.filter { !Program.isInstalled($0) }
        return .needs(absent.isEmpty, "not installed: \(absent.joined(separator: ", "))")
    }

    /// The test runs programs as another user.
    static var needsRoot: Self { .needs(Requirement.isRoot, "only root can become another user") }

    /// The test mounts file systems.
    static var needsMounts: Self { .needs(Requirement.canMount, "file systems cannot be mounted here") }

    private static func needs(_ isMet: Bool, _ reason: String) -> Self {
        .enabled(if: isMet || Requirement.isContinuousIntegration, Comment(rawValue: reason))
    }
}
