package import RegistryCore

/// Whether v1 clients may delete repositories and tags, and the configuration key that controls it.
package struct V1DeletePolicy: Equatable, Sendable {
    /// The policy that allows deletes by v1 clients.
    package static let allowed = V1DeletePolicy(isAllowed: true, key: "legacy.delete")

    /// Whether v1 clients may delete.
    package var isAllowed: Bool
    /// The configuration key that allows deletes when true.
    package var key: String

    /// Creates a policy from a decision made elsewhere.
    package init(isAllowed: Bool, key: String) {
        self.isAllowed = isAllowed
        self.key = key
    }

    /// Decides by the configuration or, if that has no setting, by the history of the directory.
    ///
    /// docker-registry let every client delete; registry:2 lets none unless configured.
    ///
    /// - Parameters:
    ///   - chosen: `legacy.delete`; nil when not set.
    ///   - deletes: `storage.delete.enabled`; nil when not set. False applies to v1 clients too.
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

    /// The environment variable that sets ``key``.
    var variable: String { "REGISTRY_" + key.uppercased().replacing(".", with: "_") }
}

extension ServiceSettings {
    /// Refuses a delete by a v1 client unless the operator allows it.
    func refuseUnlessLegacyDeletesAreAllowed() throws(RegistryError) {
        guard !v1Deletes.isAllowed else { return }
        throw .unsupported(
            reason:
                "v1 clients may not delete here: set \(v1Deletes.key) (or \(v1Deletes.variable)) to true to allow it"
        )
    }
}

/// The operator's settings for both protocols' handlers. The defaults are registry:2's.
package struct ServiceSettings: Sendable {
    /// Whether clients may delete manifests, tags and blobs: `storage.delete.enabled`.
    package var allowsDeletes = false
    /// Whether v1 clients may delete repositories and tags: `legacy.delete`.
    package var v1Deletes = V1DeletePolicy.allowed
    /// Whether a client may mount a blob of any repository without naming the repository: `mounts.anonymous`.
    package var allowsAnonymousMounts = true
    /// The page size limit of the catalogue: `catalog.maxentries`.
    package var catalogueLimit = 1000
    /// The page size limit for referrers, in descriptors.
    package var referrerLimit = 500
    /// The form of URLs in responses.
    package var locations = LocationPolicy()

    package init() {}
}
