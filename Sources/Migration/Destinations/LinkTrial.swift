import RegistryCore
import Storage

/// Finds out whether files can be linked into a directory: by linking one, since nothing else tells.
struct LinkTrial {
    private let storage: any FileStorage

    init(_ storage: any FileStorage) { self.storage = storage }

    /// Why the file was not linked, or nil when it was. Nothing is left of it.
    func obstacle(of file: LinkSource) async throws -> CopyReason? {
        let trial = OwnLayout.staging.appending("link-trial")
        let outcome = try await storage.link(file, to: trial, allowing: .hardLink)
        try await storage.remove(trial)
        switch outcome {
        // Only this one file has as many names as it can have.
        case .reflink(.tooManyLinks), .copy(.tooManyLinks): return nil
        case .reflink(let reason), .copy(let reason): return reason
        case .alreadyThere, .hardLink, .freshCopyLinked: return nil
        }
    }
}
