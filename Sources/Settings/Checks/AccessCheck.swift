/// Refuses rules that would allow more than intended, or nothing: a key left out of a rule matches everything.
struct AccessCheck {
    private(set) var findings: [Finding] = []

    init(_ root: ConfigurationEntry) {
        guard case .list(let rules)? = root["access"]?.content else { return }
        for (index, rule) in rules.enumerated() {
            if case .text = rule.content { continue }
            check(rule, "access.\(index) (\(rule.origin))")
        }
    }

    private mutating func check(_ rule: ConfigurationEntry, _ place: String) {
        for key in ["users", "groups", "repositories", "actions"] where rule[key]?.texts.isEmpty == true {
            findings.append(.refusal("\(place): \(key) is empty"))
        }
        let isForEveryone = rule["anonymous"]?.texts.first.flatMap(ValueKind.flag) == true
        if !isForEveryone, rule["users"] == nil, rule["groups"] == nil {
            findings.append(
                .refusal(
                    "\(place): it applies to nobody: set users (['*'] for all), groups or anonymous: true"
                )
            )
        }
        if rule["actions"] == nil { findings.append(.refusal("\(place): it allows nothing: actions is missing")) }
    }
}
