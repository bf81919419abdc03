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

/// What the operator chose of how both protocols are answered. The defaults are those of registry:2.
package struct ServiceSettings: Sendable {
    /// Whether clients may delete manifests, tags and blobs: `storage.delete.enabled`.
    package var allowsDeletes = false
    /// Whether v1 clients may delete repositories and tags: `legacy.delete`.
    package var v1Deletes = V1DeletePolicy.allowed
    /// Whether a blob that any repository has can be mounted by a client that does not say from which:
    /// `mounts.anonymous`.
    package var allowsAnonymousMounts = true
    /// The most names in a page of the catalogue: `catalog.maxentries`.
    package var catalogueLimit = 1000
    /// The most descriptors in a page of referrers.
    package var referrerLimit = 500
    /// How clients are told where things are.
    package var locations = LocationPolicy()

    package init() {}
}
