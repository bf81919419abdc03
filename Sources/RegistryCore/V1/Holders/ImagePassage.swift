/// By what right an image is shown to somebody, which is also where its content comes from.
///
/// An id names one image in the tree. But anyone can push a manifest whose projection has an id of their choice: whoever may
/// read that repository sees what it holds under the id, and not what the tree does.
package struct ImagePassage: Sendable, Equatable {
    enum Source: Sendable, Equatable {
        /// A repository holds the tree's image of that id, or the whole tree may be read.
        case tree
        /// A repository holds a manifest whose projection has that id.
        case projection(ProjectionIndex.Place)
        /// Everything may be read: the tree first, then any repository.
        case anywhere
    }

    let source: Source

    /// Whether what the tree has under the id is meant.
    package var isThroughTree: Bool {
        switch source {
        case .tree, .anywhere: true
        case .projection: false
        }
    }

    /// Of those who may read everything.
    package static let anywhere = ImagePassage(source: .anywhere)
}
