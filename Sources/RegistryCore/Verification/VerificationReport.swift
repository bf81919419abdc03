/// What a verification does.
package struct VerificationOptions: Sendable {
    /// Whether to repair damage, and to set aside what cannot be repaired.
    package var repairs = false
    /// Whether damaged blobs count as missing from now on, so that clients push them again.
    package var marksDamage = false
    /// The number of objects to read at once.
    package var width: Int
    /// Whether to begin reading where an earlier verification of this kind was interrupted.
    package var resumes = false

    package init(width: Int = 2) { self.width = width }
}

/// The result of a verification.
package struct VerificationReport: Codable, Sendable {
    /// A file that an earlier repair set aside.
    package struct QuarantinedFile: Codable, Hashable, Sendable {
        /// The key where it is now.
        package let key: String
        /// The key where it was.
        package let origin: String
        /// Its size in bytes.
        package let byteCount: Int64
    }

    /// The number of blobs that were verified, manifests included.
    package var blobCount = 0
    /// The number of v1 layers that were verified.
    package var layerCount = 0
    /// The number of bytes that were read and hashed.
    package var byteCount: Int64 = 0
    /// The number of manifests whose references were verified.
    package var manifestCount = 0
    /// The number of tags of both layouts.
    package var tagCount = 0
    /// The number of Longshore's own records.
    package var recordCount = 0
    /// All damage, in the order in which it was found.
    package var findings: [DamageFinding] = []
    /// The number of damaged objects beyond the limit of a report.
    package var omittedCount = 0
    /// The files that repairs have set aside.
    package var quarantine: [QuarantinedFile] = []

    /// Whether no damage was found.
    package var isClean: Bool { findings.isEmpty && omittedCount == 0 }
}

/// The progress of a verification.
package struct VerificationState: Sendable {
    /// What is being verified.
    package enum Part: String, Sendable {
        case images = "v1 images"
        case layers = "v1 layers"
        case blobs
        case repositories
        case records
    }

    /// What is being verified.
    package var part = Part.images
    /// How much of the part is done, from 0 to 1.
    package var fraction = 0.0
    /// The number of bytes read so far.
    package var byteCount: Int64 = 0
    /// The number of damaged objects so far.
    package var findingCount = 0
}
