import ImageModel
import RegistryCore

/// A finished piece of work and its result.
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

/// The layers of a tag's chain, once all of them have been read.
struct LayerChain: Sendable {
    /// Its images, top first.
    var images: [(id: V1ImageID, surveyed: SurveyedImage?, record: LayerRecord?)] = []
    /// The first fault in the chain, from the top; nil when there is none.
    var damage: (any Error)?
}
