/// Checks a configuration against the known keys.
struct KeyCheck {
    /// In file order.
    private(set) var findings: [Finding] = []

    init(_ root: ConfigurationEntry) { check(root, .section(RegistryKeys.all), []) }

    private mutating func check(_ entry: ConfigurationEntry, _ shape: KeyShape, _ path: [String]) {
        switch shape {
        case .section(let keys):
            guard isMapping(entry, path) else { return }
            for member in entry.members {
                let key = keys.first { $0.name == member.key }
                if let key { check(member, key, path) } else { reportUnknown(member, among: keys, path) }
            }
        case .kinds(let keys, let refusal):
            var entry = entry
            entry.nameKind()
            guard isMapping(entry, path) else { return }
            for member in entry.members {
                if let key = keys.first(where: { $0.name == member.key }) {
                    check(member, key, path)
                } else {
                    findings.append(.refusal("\(place(path + [member.key], member.value)): \(refusal)"))
                }
            }
        case .value(let kind, _): checkText(entry, kind, path)
        case .texts: checkTexts(entry, path)
        case .textByName:
            guard isMapping(entry, path) else { return }
            for member in entry.members { checkText(member.value, .text, path + [member.key]) }
        case .textsByName:
            guard isMapping(entry, path) else { return }
            for member in entry.members { checkTexts(member.value, path + [member.key]) }
        case .sections(let keys):
            guard case .list(let elements) = entry.content else { return complain(entry, "is not a list", path) }
            for (index, element) in elements.enumerated() {
                if case .text = element.content { continue }
                check(element, .section(keys), path + ["\(index)"])
            }
        case .anything: break
        }
    }

    private mutating func check(_ member: ConfigurationEntry.Member, _ key: Key, _ path: [String]) {
        let path = path + [key.name]
        switch key.support {
        case .used: check(member.value, key.shape, path)
        case .unneeded: break
        case .ignored(let reason):
            if !member.value.isOff {
                warn("\(place(path, member.value)) has no effect: \(reason)", of: member.value)
            }
        case .refused(let reason):
            if !member.value.isOff { findings.append(.refusal("\(place(path, member.value)): \(reason)")) }
        }
    }

    private mutating func checkText(_ entry: ConfigurationEntry, _ kind: ValueKind, _ path: [String]) {
        switch entry.content {
        case .nothing: break
        case .text(let text):
            if let fault = kind.fault(in: text) { complain(entry, "'\(text)' \(fault)", path) }
        case .list, .map: complain(entry, "is not one value", path)
        }
    }

    private mutating func checkTexts(_ entry: ConfigurationEntry, _ path: [String]) {
        switch entry.content {
        case .nothing, .text: break
        case .list(let elements):
            for (index, element) in elements.enumerated() { checkText(element, .text, path + ["\(index)"]) }
        case .map: complain(entry, "is not a list", path)
        }
    }

    private mutating func isMapping(_ entry: ConfigurationEntry, _ path: [String]) -> Bool {
        switch entry.content {
        case .nothing: return false
        case .map: return true
        case .text, .list:
            complain(entry, "is not a mapping of keys", path)
            return false
        }
    }

    private mutating func complain(_ entry: ConfigurationEntry, _ fault: String, _ path: [String]) {
        findings.append(.refusal("\(place(path, entry)): \(fault)"))
    }

    private mutating func reportUnknown(_ member: ConfigurationEntry.Member, among keys: [Key], _ path: [String]) {
        let place = place(path + [member.key], member.value)
        let names = keys.map(\.name)
        let sibling = Spelling.nearest(to: member.key, among: names) ?? Spelling.kin(of: member.key, among: names)
        let elsewhere = KeyPaths.all.filter { $0.hasSuffix("." + member.key) }
        let nearest = elsewhere.count == 1 ? elsewhere[0] : sibling.map { (path + [$0]).joined(separator: ".") }
        let hint = nearest.map { "; did you mean \($0)?" } ?? ""
        if DecisiveSections.hold(nearest ?? (path + [member.key]).joined(separator: ".")) {
            findings.append(.refusal("\(place) is not a known key\(hint)"))
        } else {
            warn("\(place) is not a known key and has no effect\(hint)", of: member.value)
        }
    }

    /// Adds a warning about a key without effect.
    private mutating func warn(_ sentence: String, of entry: ConfigurationEntry) {
        var finding = Finding.warning(sentence)
        if case .file = entry.origin { finding.isKeyWithoutEffect = true }
        findings.append(finding)
    }

    private func place(_ path: [String], _ entry: ConfigurationEntry) -> String {
        let key = path.isEmpty ? "the configuration" : path.joined(separator: ".")
        return "\(key) (\(entry.origin))"
    }
}

extension ConfigurationEntry {
    /// Whether it is empty or `false`, or contains only disabled things.
    fileprivate var isOff: Bool {
        switch content {
        case .text(let text): return text.isEmpty || ValueKind.flag(text) == false
        case .list(let elements): return elements.allSatisfy { $0.isDisabled || $0.isOff }
        case .map(let members): return isDisabled || members.allSatisfy { $0.value.isOff }
        case .nothing: return true
        }
    }

    private var isDisabled: Bool {
        if case .text(let text) = self["disabled"]?.content { ValueKind.flag(text) == true } else { false }
    }
}
