/// All settings of the operator, with defaults for the rest.
package struct RegistrySettings: Sendable {
    /// Logging: `log`.
    package var log: LogSettings
    /// The image storage: `storage`.
    package var storage: StorageSettings
    /// How users authenticate: `auth`; nil for no authentication.
    package var authentication: AuthenticationSettings?
    /// The access rules: `access`; nil when there are none.
    package var access: [AccessEntry]?
    /// The members of groups: `access-groups`.
    package var groups: [String: [String]]
    /// A file with more groups, when `access-groups` is a path.
    package var groupsFile: String?
    /// Which tags are immutable: `immutable`.
    package var immutability: [ImmutabilityEntry]
    /// What repositories keep: `retention`.
    package var retention: [RetentionEntry]
    /// Limits for the work on one layer: `layers`.
    package var layers: LayerSettings
    /// The HTTP server: `http`.
    package var http: HTTPSettings
    /// The health checks: `health`.
    package var health: HealthSettings
    /// The receivers of notifications: `notifications`.
    package var notifications: NotificationSettings
    /// The page size limit of the catalogue.
    package var catalogueLimit: Int
    /// Whether a client may mount a blob without naming a source repository.
    package var allowsAnonymousMounts: Bool
    /// Which manifests of an index must exist before the index is accepted.
    package var indexes: IndexSettings
    /// Whether the operator wrote a configuration file for registry:2. A file that sets nothing but `log` and
    /// `http.headers`, like the one in the container image, is not one.
    package var isOperatorsFile: Bool
    /// Settings for old clients: `legacy` and `compatibility`.
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
        immutability = reader.entry("immutable").map(ImmutabilityEntry.all) ?? []
        retention = reader.entry("retention").map(RetentionEntry.all) ?? []
        layers = LayerSettings(reader)
        http = HTTPSettings(reader)
        health = HealthSettings(reader)
        notifications = NotificationSettings(reader)
        let limit = reader.number("catalog.maxentries")
        catalogueLimit = limit > 0 ? limit : 1000
        allowsAnonymousMounts = reader.flag("mounts.anonymous")
        indexes = IndexSettings(reader)
        oldClients = V1ClientSettings(reader)
    }
}
