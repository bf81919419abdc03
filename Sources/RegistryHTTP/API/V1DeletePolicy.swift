package import RegistryCore

/// Whether v1 clients may delete repositories and tags, and the key that would let them.
package struct V1DeletePolicy: Equatable, Sendable {
    /// The policy that lets v1 clients delete.
    package static let allowed = V1DeletePolicy(isAllowed: true, key: "legacy.delete")

    /// Whether v1 clients may delete.
    package var isAllowed: Bool
    /// The key of the configuration that allows deletes when it is true.
    package var key: String

    /// Creates a policy that was decided elsewhere.
    package init(isAllowed: Bool, key: String) {
        self.isAllowed = isAllowed
        self.key = key
    }

    /// Decides by the configuration, and by the history of the directory where the configuration says nothing.
    ///
    /// docker-registry let every client delete; registry:2 lets none unless it is configured.
    ///
    /// - Parameters:
    ///   - chosen: `legacy.delete`; nil when it is not set.
    ///   - deletes: `storage.delete.enabled`; nil when it is not set. False binds v1 clients too.
    ///   - bringsConfiguration: Whether the operator wrote a configuration file for registry:2.
    ///   - history: Which registry wrote the directory first.
    package init(chosen: Bool?, deletes: Bool?, bringsConfiguration: Bool, history: DirectoryHistory) {
        if deletes == false {
            self.init(isAllowed: false, key: "storage.delete.enabled")
        } else {
            let isUsual = !bringsConfiguration && history != .distribution
            self.init(isAllowed: chosen ?? deletes ?? isUsual, key: "legacy.delete")
        }
    }

    /// The variable of the environment that sets ``key``.
    var variable: String { "REGISTRY_" + key.uppercased().replacing(".", with: "_") }
}

extension ServiceSettings {
    /// Refuses a delete by a v1 client that the operator does not allow.
    func refuseUnlessLegacyDeletesAreAllowed() throws(RegistryError) {
        guard !v1Deletes.isAllowed else { return }
        throw .unsupported(
            reason:
                "v1 clients may not delete here: set \(v1Deletes.key) (or \(v1Deletes.variable)) to true to let them"
        )
    }
}
