package import ImageModel

extension JSONValue {
    /// The value that Go's `encoding/json` reads into a field of this name: of the members whose keys match it in any
    /// case, the last; nil if there is none, or this is no object.
    package func goField(_ name: String) -> JSONValue? { object?.last { GoKey($0.key).folds(to: name) }?.value }
}
