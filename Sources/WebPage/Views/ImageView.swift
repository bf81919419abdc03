import ImageModel
import RegistryCore

/// An image, an index, or any other manifest of a repository; or a v1 image that has no manifest.
struct ImageView: PageView {
    static let template = "image"

    /// A manifest of an index.
    struct Entry: Sendable {
        let title: String
        let link: String
        let digest: String
        let type: String
        let size: String
    }

    let base: String
    let repositoryLink: String
    let name: String
    let heading: String
    let problem: String?
    let chips: [Chip]
    let facts: [Fact]
    let commands: [PullCommand]
    let hasPlatforms: Bool
    let platforms: [Entry]
    let hasReferrers: Bool
    let referrers: [Entry]
    let hasLayers: Bool
    let layers: [ImageContent.Layer]
    let layersNote: String?
    let hasSettings: Bool
    let settings: [Fact]
    let tables: [ImageContent.Table]
    let documents: [PageLink]
    let deletions: [PageLink]

    init(_ parts: ImageParts, _ context: PageContext) {
        let name = parts.repository.description
        base = context.links.base
        repositoryLink = context.links.repository(name)
        self.name = name
        heading = parts.heading
        problem = parts.problem
        chips = parts.chips
        facts = parts.facts
        commands = parts.commands
        platforms = parts.platforms
        hasPlatforms = !parts.platforms.isEmpty
        referrers = parts.referrers
        hasReferrers = !parts.referrers.isEmpty
        layers = parts.content.layers
        hasLayers = !parts.content.layers.isEmpty
        layersNote = parts.content.layersNote
        settings = parts.content.settings
        hasSettings = !parts.content.settings.isEmpty
        tables = parts.content.tables
        documents = parts.documents
        deletions = parts.deletions
    }
}
