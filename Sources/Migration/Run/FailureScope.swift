package import RegistryClient
import RegistryCore
import Storage

extension Error {
    /// Whether the failure concerns one image or tag of the source, so that others may still be converted.
    var isOfOneImage: Bool {
        switch self {
        case let error as StorageError: error.isOfSource
        case is CancellationError: false
        case let error as any ScopedError: error.isOfOneImage
        default: true
        }
    }
}

/// A failure that knows its scope.
package protocol ScopedError: Error {
    /// Whether it concerns only one image or tag; otherwise the migration cannot continue.
    var isOfOneImage: Bool { get }
}

extension StorageError {
    fileprivate var isOfSource: Bool {
        switch self {
        case .absent, .unreadable, .failing, .tooLarge: true
        case .unreachable, .changed, .expired, .unwritable, .full, .readOnly, .unusableRoot, .locked: false
        }
    }
}

extension RegistryFailure: ScopedError {
    package var isOfOneImage: Bool {
        switch self {
        case .unreachable, .unauthorised, .speaksNoV1: false
        case .refused(_, let status, _): status < 500 && status != 429
        case .malformedResponse: true
        }
    }
}
