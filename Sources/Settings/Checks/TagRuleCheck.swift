/// Refuses rules about tags that would delete or protect more than intended: a key left out matches everything.
struct TagRuleCheck {
    private(set) var findings: [Finding] = []

    init(_ root: ConfigurationEntry) {
        for (place, rule) in Self.rules(root, "immutable") { checkImmutability(rule, place) }
        for (place, rule) in Self.rules(root, "retention") { checkRetention(rule, place) }
    }

    private static func rules(_ root: ConfigurationEntry, _ key: String) -> [(place: String, ConfigurationEntry)] {
        guard case .list(let rules)? = root[key]?.content else { return [] }
        return rules.enumerated().map { ("\(key).\($0) (\($1.origin))", $1) }
    }

    private mutating func checkImmutability(_ rule: ConfigurationEntry, _ place: String) {
        guard isRule(rule, place) else { return }
        refuseEmpty(["repositories", "tags"], of: rule, place)
        if rule["repositories"] == nil, rule["tags"] == nil {
            refuse(place, "it names neither repositories nor tags: for all tags, write tags: ['*']")
        }
    }

    private mutating func checkRetention(_ rule: ConfigurationEntry, _ place: String) {
        guard isRule(rule, place) else { return }
        refuseEmpty(["repositories"], of: rule, place)
        let keep = rule["keep"]
        if let keep { refuseEmpty(["last", "younger", "tags"], of: keep, "\(place): keep") }
        if keep?.isEmpty ?? true {
            refuse(place, "it would delete every tag: keep is missing (to keep all tags, write keep: {tags: ['*']})")
        }
        if keep?["younger"]?.texts.first.flatMap(GoDuration.init)?.duration == .zero {
            refuse(place, "keep.younger is 0, which keeps nothing")
        }
    }

    private mutating func isRule(_ rule: ConfigurationEntry, _ place: String) -> Bool {
        switch rule.content {
        case .map: return true
        // Other checks refuse a list.
        case .list: return false
        case .nothing, .text:
            refuse(place, "it is not a rule of keys and values")
            return false
        }
    }

    private mutating func refuseEmpty(_ keys: [String], of rule: ConfigurationEntry, _ place: String) {
        for key in keys where rule[key]?.texts.isEmpty == true {
            refuse(place, "\(key) is empty")
        }
    }

    private mutating func refuse(_ place: String, _ reason: String) {
        findings.append(.refusal("\(place): \(reason)"))
    }
}
