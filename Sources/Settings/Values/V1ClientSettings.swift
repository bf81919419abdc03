/// Settings for old clients: `legacy` and `compatibility`.
package struct V1ClientSettings: Sendable {
    /// What v1 clients may do: `true`, `read-only` or `false`.
    package var access: String
    /// Whether `docker search` is served.
    package var isSearchEnabled: Bool
    /// Whether searches need no login.
    package var searchesWithoutLogin: Bool
    /// When v1 images are converted to v2: `background`, `on-access` or `off`; nil to decide by the directory.
    package var conversion: String?
    /// How long a request waits for a conversion.
    package var conversionWait: Duration
    /// The newest Docker version that v2 is hidden from; nil for none.
    package var hidesV2From: String?
    /// Whether v1 clients may delete; nil to decide by the directory.
    package var allowsDeletes: Bool?
    /// Whether images are converted to schema1.
    package var offersSchema1: Bool
    /// The platform served to clients that do not support multi-platform images.
    package var platform: String

    init(_ reader: ValueReader) {
        access = reader.word("legacy.enabled") ?? "true"
        isSearchEnabled = reader.flag("legacy.search")
        searchesWithoutLogin = reader.flag("legacy.search-without-login")
        conversion = reader.word("legacy.convert")
        conversionWait = reader.duration("legacy.conversion-wait")
        let version = reader.text("legacy.hide-v2-from")
        hidesV2From = version.flatMap(ValueKind.flag) == false ? nil : version
        allowsDeletes = reader.text("legacy.delete").flatMap(ValueKind.flag)
        offersSchema1 = reader.flag("compatibility.schema1.enabled")
        platform = reader.text("compatibility.platform") ?? ""
    }
}
