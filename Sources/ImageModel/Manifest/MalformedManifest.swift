/// The reason why data is not a valid manifest.
package enum MalformedManifest: Error, Equatable, CustomStringConvertible {
    /// It is not JSON.
    case notJSON(JSONSyntaxError)
    /// It is JSON, but not an object.
    case notAnObject
    /// Nothing indicates the kind of manifest.
    case unrecognised
    /// It references no blobs or manifests.
    case noDescriptors
    /// The body's `mediaType` differs from the declared type.
    case mediaTypeMismatch(declared: MediaType, body: MediaType)
    /// The body does not identify itself as the declared type.
    case undeclared(MediaType)
    /// `schemaVersion` is wrong for this kind.
    case wrongSchemaVersion(expected: Int64)
    /// The body has fields of both an image and an index, so that clients might interpret it differently.
    case ambiguous(field: String)
    /// A required field is absent: `config.digest`.
    case missing(field: String)
    /// A field has an invalid value: `layers[2].size`.
    case malformed(field: String, reason: String)

    package var description: String {
        switch self {
        case .notJSON(let error): "the manifest is \(error)"
        case .notAnObject: "the manifest is not a JSON object"
        case .unrecognised: "neither the request nor the body gives the kind of manifest"
        case .noDescriptors: "the manifest references no blobs or manifests"
        case .mediaTypeMismatch(let declared, let body): "declared as \(declared), but its mediaType is \(body)"
        case .undeclared(let type): "declared as \(type), but the manifest's mediaType does not match"
        case .wrongSchemaVersion(let expected): "schemaVersion is not \(expected)"
        case .ambiguous(let field): "'\(field)' is not allowed in this kind of manifest"
        case .missing(let field): "\(field) is missing"
        case .malformed(let field, let reason): "\(field) \(reason)"
        }
    }
}
