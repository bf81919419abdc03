/// All that the operator chose, with what holds where nothing was chosen.
package struct RegistrySettings: Sendable {
    /// What is logged.
    package var log: LogSettings
    /// Where images are.
    package var storage: StorageSettings
    /// How users show who they are; nil when nobody needs to.
    package var authentication: AuthenticationSettings?
    /// Who may do what: `access`; nil when there is no such list.
    package var access: [AccessEntry]?
    /// The members of groups: `access-groups`.
    package var groups: [String: [String]]
    /// A file with further groups: `access-groups`, where it is a path.
    package var groupsFile: String?
    /// How much work one layer may be: `layers`.
    package var layers: LayerSettings
    /// How the server is reached.
    package var http: HTTPSettings
    /// The most names in a page of the catalogue.
    package var catalogueLimit: Int
    /// Whether a blob can be mounted by a client that does not say from which repository.
    package var allowsAnonymousMounts: Bool
    /// Which manifests of an index must be here before it is accepted.
    package var indexes: IndexSettings
    /// Whether the operator wrote a configuration file for registry:2. A file that sets nothing but `log` and
    /// `http.headers`, like the one in the container image, is not one.
    package var isOperatorsFile: Bool
    /// What concerns clients of other times.
    package var oldClients: V1ClientSettings

    init(_ values: [EffectiveValue], isOperatorsFile: Bool) {
        self.isOperatorsFile = isOperatorsFile
        let reader = ValueReader(values)
        log = LogSettings(reader)
        storage = StorageSettings(reader)
        authentication = AuthenticationSettings(reader)
        access = reader.entry("access").map(AccessEntry.all)
        let groups = reader.entry("access-groups")
        self.groups = Dictionary((groups?.members ?? []).map { ($0.key, $0.value.texts) }) { $1 }
        groupsFile = reader.text("access-groups")
        layers = LayerSettings(reader)
        http = HTTPSettings(reader)
        let limit = reader.number("catalog.maxentries")
        catalogueLimit = limit > 0 ? limit : 1000
        allowsAnonymousMounts = reader.flag("mounts.anonymous")
        indexes = IndexSettings(reader)
        oldClients = V1ClientSettings(reader)
    }
}
