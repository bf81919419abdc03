import ImageModel
import RegistryCore

/// A piece of a migration's work that has ended, and what came of it.
enum FinishedWork: Sendable {
    case layer(V1ImageID, Result<LayerImport, any Error>, WorkSchedule.Lane)
    case tag(SurveyedTag, Result<ConvertedTag, any Error>, WorkSchedule.Lane)

    /// The lane whose worker is free again.
    var lane: WorkSchedule.Lane {
        switch self {
        case .layer(_, _, let lane), .tag(_, _, let lane): lane
        }
    }
}

/// What is known of the layers of a tag's chain once all were read.
struct LayerChain: Sendable {
    /// Its images, the top first.
    var images: [(id: V1ImageID, surveyed: SurveyedImage?, record: LayerRecord?)] = []
    /// The first fault of an image, from the top; nil when there is none.
    var damage: (any Error)?
}
