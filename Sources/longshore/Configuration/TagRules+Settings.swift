import RegistryCore
import Settings

extension RegistrySettings {
    /// The rules about tags.
    ///
    /// - Throws: ``UnusableSetting`` for a pattern that can match nothing: the operator meant something else.
    var tagRules: TagRules.Content {
        get throws {
            TagRules.Content(
                immutability: try immutability.enumerated().map { index, entry in
                    ImmutabilityRule(
                        repositories: try Self.patterns(entry.repositories, of: "immutable.\(index)"),
                        tags: entry.tags.map { NamePattern($0) }
                    )
                },
                retention: try retention.enumerated().map { index, entry in
                    try rule(entry, at: "retention.\(index)")
                }
            )
        }
    }

    private func rule(_ entry: RetentionEntry, at place: String) throws -> RetentionRule {
        let rule = RetentionRule(
            repositories: try Self.patterns(entry.repositories, of: place),
            lastCount: entry.lastCount,
            youngerAge: entry.youngerAge,
            tags: entry.tags.map { NamePattern($0) },
            // A push of an index may be about to name a younger one.
            untaggedAge: entry.untaggedAge.map { max($0, storage.collection.grace) }
        )
        guard let rule else { throw UnusableSetting("\(place) would delete every tag: keep is missing") }
        return rule
    }

    private static func patterns(_ texts: [String], of place: String) throws -> [RepositoryPattern] {
        try texts.map { text in
            let pattern = RepositoryPattern(text)
            guard let obstacle = pattern.obstacle else { return pattern }
            throw UnusableSetting("\(place): no repository name can match '\(text)', which \(obstacle)")
        }
    }
}
