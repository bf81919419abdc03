/// Why bytes are not a manifest.
package enum MalformedManifest: Error, Equatable, CustomStringConvertible {
    /// They are not JSON.
    case notJSON(JSONSyntaxError)
    /// They are JSON, but no object.
    case notAnObject
    /// Nothing in them says what kind of manifest they are.
    case unrecognised
    /// They name no blob and no manifest.
    case noDescriptors
    /// `mediaType` in the body is not the type that the request declares.
    case mediaTypeMismatch(declared: MediaType, body: MediaType)
    /// The body does not say of itself that it is of this type, which the request declares.
    case undeclared(MediaType)
    /// `schemaVersion` is not the one that this kind has.
    case wrongSchemaVersion(expected: Int64)
    /// The body has members of an image and of an index, so that two clients might see two things in it.
    case ambiguous(field: String)
    /// A field is absent that must be there: `config.digest`.
    case missing(field: String)
    /// A field has a value that it cannot have: `layers[2].size`.
    case malformed(field: String, reason: String)

    package var description: String {
        switch self {
        case .notJSON(let error): "the manifest is \(error)"
        case .notAnObject: "the manifest is not a JSON object"
        case .unrecognised: "neither the request nor the body says what kind of manifest this is"
        case .noDescriptors: "the manifest names no blob and no manifest"
        case .mediaTypeMismatch(let declared, let body): "declared as \(declared), but its mediaType is \(body)"
        case .undeclared(let type): "declared as \(type), but mediaType in the manifest does not say so"
        case .wrongSchemaVersion(let expected): "schemaVersion is not \(expected)"
        case .ambiguous(let field): "the manifest has '\(field)', which this kind does not have"
        case .missing(let field): "\(field) is missing"
        case .malformed(let field, let reason): "\(field) \(reason)"
        }
    }
}
