import Logging
import RegistryCore
import RegistryHTTP
import Settings
import WebPage

extension WebPage {
    /// The page as the configuration wants it (``RegistrySettings/pageAudience``); nil for none.
    init?(
        _ registry: Registry,
        _ access: AccessControl,
        _ configuration: RegistryConfiguration,
        _ service: ServiceSettings,
        _ logger: Logger
    ) {
        let settings = configuration.settings
        let audience: Audience
        switch settings.pageAudience {
        case .nobody: return nil
        case .direct: audience = .direct
        case .everybody: audience = .everybody
        }
        self.init(
            registry: registry,
            access: access,
            settings: service,
            audience: audience,
            facts: ServerFacts(
                version: Longshore.version,
                configuration: configuration.values.map { value in
                    ServerFacts.Setting(key: value.key, value: value.text, origin: "\(value.origin)")
                },
                collection: CollectionPolicy(settings.storage.collection)
            ),
            logger: logger
        )
    }
}
