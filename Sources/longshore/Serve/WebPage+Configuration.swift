import Logging
import RegistryCore
import RegistryHTTP
import Settings
import WebPage

extension WebPage {
    /// The page as the configuration wants it; nil for none.
    ///
    /// Unless set, there is one where it cannot be a way around somebody else's logins: where this server checks
    /// passwords itself, or where nobody asks for any. The latter cannot be seen through a proxy, nor on a socket's
    /// path, which has a proxy before it.
    init?(
        _ registry: Registry,
        _ access: AccessControl,
        _ configuration: RegistryConfiguration,
        _ service: ServiceSettings,
        _ logger: Logger
    ) {
        let settings = configuration.settings
        let audience: Audience
        switch (settings.http.isPageEnabled, settings.authentication) {
        case (true?, _), (nil, .htpasswd?): audience = .everybody
        case (nil, nil) where settings.access == nil && !settings.http.isUnixSocket: audience = .direct
        case (false?, _), (nil, _): return nil
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
