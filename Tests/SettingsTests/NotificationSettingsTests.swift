import Settings
import Testing

@Suite("The receivers of notifications") struct NotificationSettingsTests {
    private static let file = """
        version: 0.1
        notifications:
          events: {includereferences: true}
          endpoints:
            - name: one
              url: https://one.test/events
              headers: {Authorization: [Bearer secret], X-Token: [a, b]}
              timeout: 500ms
              threshold: 5
              backoff: 2s
              ignoredmediatypes: [application/octet-stream]
              ignore: {mediatypes: [a/b], actions: [pull]}
            - {url: "http://two.test"}
            - {name: three, disabled: true}
        """

    @Test("are read with registry:2's defaults")
    func values() throws {
        let configuration = RegistryConfiguration(file: Self.file, environment: [:])
        #expect(configuration.findings == [])
        let settings = configuration.settings.notifications
        #expect(settings.includesReferences)
        try #require(settings.endpoints.count == 3)
        let (one, two, three) = (settings.endpoints[0], settings.endpoints[1], settings.endpoints[2])
        #expect(one.name == "one" && one.url == "https://one.test/events" && !one.isDisabled)
        #expect(one.headers == ["Authorization": ["Bearer secret"], "X-Token": ["a", "b"]])
        #expect(one.timeout == .milliseconds(500) && one.threshold == 5 && one.backoff == .seconds(2))
        #expect(one.ignoredMediaTypes == ["application/octet-stream", "a/b"] && one.ignoredActions == ["pull"])
        // One without a name goes by its URL.
        #expect(two.name == "http://two.test" && two.headers.isEmpty)
        #expect(two.timeout == .seconds(1) && two.threshold == 10 && two.backoff == .seconds(1))
        #expect(three.isDisabled)
    }

    @Test("come from variables, too")
    func variables() throws {
        let configuration = RegistryConfiguration(
            file: Self.file,
            environment: [
                "REGISTRY_NOTIFICATIONS_ENDPOINTS_0_URL": "http://other.test",
                "REGISTRY_NOTIFICATIONS_ENDPOINTS_2": "{name: new, url: 'http://new.test'}",
                "REGISTRY_NOTIFICATIONS_EVENTCONFIG_INCLUDEREFERENCES": "false",
            ]
        )
        #expect(configuration.findings == [])
        let settings = configuration.settings.notifications
        #expect(!settings.includesReferences)
        #expect(settings.endpoints.map(\.url) == ["http://other.test", "http://two.test", "http://new.test"])
    }

    @Test("are printed without the values of their header fields")
    func printed() {
        let values = RegistryConfiguration(file: Self.file, environment: [:]).values
        let text = values.first { $0.key == "notifications.endpoints" }?.text ?? ""
        #expect(text.contains("https://one.test/events"))
        #expect(text.contains("headers: (secret)"))
        #expect(!text.contains("Bearer"))
    }

    @Test(
        "need a URL that can be sent to",
        arguments: ["", "one.test", "//one.test", "http://", "https:///x", "http://:80", "http://a b/", "http://u:p@"]
    )
    func addresses(url: String) {
        let file = "version: 0.1\nnotifications: {endpoints: [{name: a, url: '\(url)'}]}\n"
        let findings = RegistryConfiguration(file: file, environment: [:]).findings
        #expect(
            findings.map(\.description) == [
                "notifications.endpoints.0.url is '\(url)': it is not an http or https URL with a host"
            ]
        )
        #expect(findings.allSatisfy { $0.weight == .refusal })
    }
}
