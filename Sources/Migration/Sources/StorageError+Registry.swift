import RegistryClient
import Storage

extension StorageError {
    /// A registry's failure to show what stands under a key: of that key alone, or of the whole registry.
    init(_ failure: RegistryFailure, _ key: ObjectKey) {
        self = failure.isOutage ? .unreachable(key, reason: "\(failure)") : .unreadable(key, reason: "\(failure)")
    }
}
