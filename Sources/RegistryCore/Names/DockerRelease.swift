/// A Docker release by its first two version numbers: 1.12 is later than 1.5.
package struct DockerRelease: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// The first number: 1 for 1.12.
    package let major: Int
    /// The second number: 12 for 1.12.
    package let minor: Int

    /// The last Docker that probes `/v2/` but speaks an unreleased v2 (with tarsum digests).
    package static let lastWithoutUsableV2 = DockerRelease(major: 1, minor: 5)
    /// The last Docker that only accepts schema1 manifests.
    package static let lastBeforeSchema2 = DockerRelease(major: 1, minor: 9)
    /// The first Docker that sends a payload checksum.
    package static let firstWithPayloadChecksum = DockerRelease(major: 0, minor: 10)

    package init(major: Int, minor: Int) {
        self.major = major
        self.minor = minor
    }

    /// Parses a version such as `1.5.0`, `v0.10.0` or `1.6.0-rc2`; returns nil unless it begins with two numbers.
    package init?(parsing text: some StringProtocol) {
        let bare = text.first == "v" ? text.dropFirst() : text.dropFirst(0)
        let parts = bare.split(separator: ".", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count >= 2, let major = Int(parts[0]), let minor = Int(parts[1].prefix(while: \.isNumber)) else {
            return nil
        }
        self.init(major: major, minor: minor)
    }

    package var description: String { "\(major).\(minor)" }

    package static func < (left: DockerRelease, right: DockerRelease) -> Bool {
        (left.major, left.minor) < (right.major, right.minor)
    }
}
