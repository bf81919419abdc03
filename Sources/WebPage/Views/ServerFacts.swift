package import RegistryCore

/// What operators are shown about the server.
package struct ServerFacts: Sendable {
    /// A value of the configuration.
    package struct Setting: Sendable {
        package let key: String
        package let value: String
        /// Where it was set.
        package let origin: String

        package init(key: String, value: String, origin: String) {
            self.key = key
            self.value = value
            self.origin = origin
        }
    }

    /// The program's version.
    package let version: String
    /// The configuration in force, without secrets.
    package let configuration: [Setting]
    /// The policy of the server's collections.
    package let collection: CollectionPolicy

    package init(version: String, configuration: [Setting], collection: CollectionPolicy) {
        self.version = version
        self.configuration = configuration
        self.collection = collection
    }
}
