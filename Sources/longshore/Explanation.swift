import Foundation
import Glibc
import RegistryCore

/// Turns an error into a sentence for an operator: ours describe themselves, those of libraries are translated.
enum Explanation {
    /// What happened, and to what.
    static func of(_ error: any Error) -> String {
        if let error = error as? RegistryError { return error.sentence }
        if error is CancellationError { return "the command was interrupted" }
        if isFoundations(error) { return sentence(error as NSError) }
        // A library's error without a description of its own would print its source code, which helps no operator.
        guard type(of: error) is any CustomStringConvertible.Type else {
            return "unexpected failure (\(String(reflecting: type(of: error))))"
        }
        return "\(error)"
    }

    private static func isFoundations(_ error: any Error) -> Bool {
        error is CocoaError || error is POSIXError || error is DecodingError || error is EncodingError
            || type(of: error) == NSError.self
    }

    private static func sentence(_ error: NSError) -> String {
        let path = (error.userInfo[NSFilePathErrorKey] as? String) ?? (error.userInfo[NSURLErrorKey] as? URL)?.path
        let reason = reason(error) ?? "the operation failed (code \(error.code))"
        return path.map { "\($0): \(reason)" } ?? reason
    }

    /// The system's reason, underneath everything that Foundation wraps around it.
    private static func reason(_ error: NSError) -> String? {
        if error.domain == NSPOSIXErrorDomain {
            return String(cString: strerror(Int32(truncatingIfNeeded: error.code)))
        }
        if let inner = error.userInfo[NSUnderlyingErrorKey] as? NSError { return reason(inner) }
        guard error.domain == NSCocoaErrorDomain else { return nil }
        switch CocoaError.Code(rawValue: error.code) {
        case .fileNoSuchFile, .fileReadNoSuchFile: return String(cString: strerror(ENOENT))
        case .fileReadNoPermission, .fileWriteNoPermission: return String(cString: strerror(EACCES))
        case .fileWriteFileExists: return String(cString: strerror(EEXIST))
        case .fileWriteOutOfSpace: return String(cString: strerror(ENOSPC))
        case .fileWriteVolumeReadOnly: return String(cString: strerror(EROFS))
        case .fileReadInapplicableStringEncoding, .fileReadUnknownStringEncoding: return "it is not UTF-8 text"
        default: return nil
        }
    }
}
