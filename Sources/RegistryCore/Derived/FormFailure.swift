import Conversion
import ImageModel
import Storage

/// Why a manifest could not be converted to another form.
enum FormFailure: Error {
    /// The manifest has no such form.
    case impossible(reason: String)
    /// A part of it is damaged or missing; a repair would change these objects.
    case damaged(reason: String, objects: [ObjectKey])
    /// A required manifest is not in the repository.
    case absent(RegistryError)
    /// A failure unrelated to the manifest.
    case failed(RegistryError)

    init(_ error: any Error) {
        switch error {
        case let failure as FormFailure: self = failure
        case let fault as UnderivableManifest:
            guard case .unusableConfiguration(let digest, _) = fault else {
                self = .impossible(reason: fault.description)
                return
            }
            self = .damaged(reason: fault.description, objects: [V2Layout.blobData(digest)])
        case let fault as UnconvertibleImage: self = .impossible(reason: fault.description)
        case let fault as UnreadableLayer:
            self = .damaged(reason: fault.description, objects: [V2Layout.blobData(fault.digest)])
        default: self.init(RegistryError(error))
        }
    }

    private init(_ error: RegistryError) {
        switch error {
        case .manifestUnknown: self = .absent(error)
        case .storage(.readOnly): self = .impossible(reason: RegistryError.readOnlyReason)
        default: self = .failed(error)
        }
    }

    /// Whether another form of the same manifest may still be possible.
    var isOfOneForm: Bool {
        switch self {
        case .impossible, .damaged, .absent: true
        case .failed: false
        }
    }

    /// The error for the client that requested the form.
    ///
    /// - Parameters:
    ///   - reference: The reference in the request.
    ///   - isReadOnly: Whether converted images are kept in memory, so that "full" means the memory.
    func refusal(of reference: Reference, isReadOnly: Bool) -> RegistryError {
        switch self {
        case .impossible(let reason), .damaged(let reason, _):
            .manifestUnknown(reference: reference.description, reason: reason)
        case .failed(.storage(.full)) where isReadOnly: .unavailable(reason: RegistryError.memoryReason)
        case .absent(let error), .failed(let error): error
        }
    }
}
