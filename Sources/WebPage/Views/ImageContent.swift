import ImageModel

/// What an image's configuration says about it: settings, environment, labels, and the commands of its layers.
///
/// All of it is text of strangers, and is cut to what a page can show.
struct ImageContent: Sendable {
    /// A layer with the command that made it.
    struct Layer: Sendable {
        let number: String
        let command: String
        /// The beginning of its digest or id; empty for a step without content.
        let digest: String
        let size: String
    }

    /// Names with values.
    struct Table: Sendable {
        let title: String
        let entries: [Fact]
        let note: String?
    }

    var settings: [Fact] = []
    var tables: [Table] = []
    var layers: [Layer] = []
    var layersNote: String?

    /// The most rows of a table.
    static let rowLimit = 300

    init() {}

    /// - Parameter document: The configuration of an image, or the JSON of a v1 image.
    init(configuration document: JSONText) {
        let config = document["config"]
        for (label, value) in [
            ("Entrypoint", Self.words(config?["Entrypoint"])), ("Command", Self.words(config?["Cmd"])),
            ("User", config?["User"]?.string), ("Directory", config?["WorkingDir"]?.string),
            ("Ports", Self.keys(config?["ExposedPorts"])), ("Volumes", Self.keys(config?["Volumes"])),
            ("Stop signal", config?["StopSignal"]?.string), ("Author", document["author"]?.string),
        ] {
            guard let value, !value.isEmpty else { continue }
            settings.append(Fact(label: label, value: PageFormat.cut(value)))
        }
        add("Environment", Self.environment(config?["Env"]))
        add("Labels", Self.labels(config?["Labels"]))
    }

    private mutating func add(_ title: String, _ entries: [Fact]) {
        guard !entries.isEmpty else { return }
        let rest = entries.count - Self.rowLimit
        tables.append(
            Table(
                title: title,
                entries: Array(entries.prefix(Self.rowLimit)),
                note: rest > 0 ? "\(rest) more are in the stored configuration." : nil
            )
        )
    }

    /// The steps that made an image, bottom first, from its configuration's history.
    ///
    /// - Parameter layers: The layers of the manifest, bottom first.
    mutating func addLayers(_ layers: [Descriptor], history: JSONText?) {
        var rest = layers[...]
        var steps: [Layer] = []
        history?.forEachElement { step in
            let isEmpty = step["empty_layer"]?.boolean == true
            let layer = isEmpty ? nil : rest.popFirst()
            guard layer != nil || steps.count < Self.rowLimit else { return }
            let command = step["created_by"]?.string ?? step["comment"]?.string ?? ""
            steps.append(Self.layer(steps.count + 1, command, layer))
        }
        for layer in rest { steps.append(Self.layer(steps.count + 1, "", layer)) }
        show(steps)
    }

    /// Shows the layers, as far as a page can.
    mutating func show(_ steps: [Layer]) {
        layers = Array(steps.prefix(Self.rowLimit))
        let hidden = steps.count - layers.count
        layersNote = hidden > 0 ? "\(hidden) more are in the stored manifest." : nil
    }

    private static func layer(_ number: Int, _ command: String, _ layer: Descriptor?) -> Layer {
        Layer(
            number: "\(number)",
            command: PageFormat.cut(plain(command), to: 2000),
            digest: layer.map { PageFormat.short($0.digest.description) } ?? "",
            size: layer.map { PageFormat.bytes($0.size) } ?? ""
        )
    }

    /// A command without what the builder wrote around it.
    static func plain(_ command: String) -> String {
        for prefix in ["/bin/sh -c #(nop) ", "/bin/sh -c "] where command.hasPrefix(prefix) {
            return String(command.dropFirst(prefix.count)).trimming
        }
        return command
    }

    /// The words of a command.
    static func words(_ list: JSONText?) -> String? {
        var words: [String] = []
        list?.forEachElement { if words.count < rowLimit, let word = $0.string { words.append(word) } }
        return list?.string ?? (words.isEmpty ? nil : words.joined(separator: " "))
    }

    private static func keys(_ object: JSONText?) -> String? {
        var keys: [String] = []
        object?.forEachMember { if keys.count < rowLimit { keys.append($0.key) } }
        return keys.isEmpty ? nil : keys.joined(separator: ", ")
    }

    private static func environment(_ list: JSONText?) -> [Fact] {
        var facts: [Fact] = []
        list?.forEachElement { element in
            guard facts.count < 10 * rowLimit, let text = element.string else { return }
            let sides = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            facts.append(fact(String(sides[0]), sides.count > 1 ? String(sides[1]) : ""))
        }
        return facts
    }

    private static func labels(_ object: JSONText?) -> [Fact] {
        var facts: [Fact] = []
        object?.forEachMember { member in
            guard facts.count < 10 * rowLimit else { return }
            facts.append(fact(member.key, member.value.string ?? member.value.quoted))
        }
        return facts
    }

    private static func fact(_ label: String, _ value: String) -> Fact {
        Fact(label: PageFormat.cut(label, to: 512), value: PageFormat.cut(value))
    }
}

extension String {
    fileprivate var trimming: String { String(drop { $0 == " " }) }
}
