package import HTTPTypes
package import RegistryCore
import Storage

/// A refusal or failure of a request. Errors are converted to it in one place.
///
/// Each API renders it by a switch without a default.
package enum RequestFailure: Error {
    /// The registry refused the request, or failed.
    case registry(RegistryError)
    /// The caller is not authorized or not authenticated.
    case access(AccessRefusal)
    /// The resource does not support the request's method.
    case method(MethodNotAllowed)
    /// The body is too large.
    case bodyTooLarge
    /// The body took too long to arrive.
    case bodyTooSlow
    /// The client disconnected before the end of its request.
    case connectionLost
    /// An unexpected error.
    case defect(any Error)

    init(_ error: any Error) {
        switch error {
        case let failure as RequestFailure: self = failure
        // An error of the request body, thrown while the registry read it.
        case RegistryError.foreign(let foreign): self.init(foreign.error)
        case let error as RegistryError: self = .registry(error)
        case let error as AccessRefusal: self = .access(error)
        case let error as MethodNotAllowed: self = .method(error)
        case is BodyTooLarge: self = .bodyTooLarge
        case is BodyTooSlow: self = .bodyTooSlow
        case is ConnectionLost: self = .connectionLost
        case is StorageError, is CancellationError: self = .registry(RegistryError(error))
        default: self = .defect(error)
        }
    }

    /// The error to log; nil for a refusal.
    var fault: (any Error)? {
        switch self {
        case .registry(.storage(let error)): error
        case .defect(let error): error
        case .registry, .access, .method, .bodyTooLarge, .bodyTooSlow, .connectionLost: nil
        }
    }
}

/// The resource does not support the request's method.
package struct MethodNotAllowed: Error, Equatable {
    /// The method of the request.
    package let method: HTTPRequest.Method
    /// The supported methods.
    package let allowed: [HTTPRequest.Method]
}

/// Refuses a request whose method is not among `methods`.
func allow(_ methods: [HTTPRequest.Method], _ request: RegistryRequest) throws(MethodNotAllowed) {
    guard methods.contains(request.method) else {
        throw MethodNotAllowed(method: request.method, allowed: methods)
    }
}
