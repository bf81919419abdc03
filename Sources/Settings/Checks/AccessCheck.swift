/// Refuses rules that would allow more than was meant, or nothing: what a rule in keys leaves out stands for everything.
struct AccessCheck {
    /// What was found.
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
            findings.append(.refusal("\(place): \(key) has nothing in it"))
        }
        let isForEveryone = rule["anonymous"]?.texts.first.flatMap(ValueKind.flag) == true
        if !isForEveryone, rule["users"] == nil, rule["groups"] == nil {
            findings.append(
                .refusal(
                    "\(place): it names nobody: users (['*'] for all of them), groups or anonymous: true is needed"
                )
            )
        }
        if rule["actions"] == nil { findings.append(.refusal("\(place): it allows nothing: actions is missing")) }
    }
}
