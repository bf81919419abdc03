package import Storage

/// Where the layer of an image can be read.
package struct LayerFile: Sendable {
    package let source: LinkSource
    /// What brings its bytes there; nil when they are there.
    let arrival: ArrivingLayer?
    private let wasPatched: Bool

    /// Whether it was put together of what several answers brought, so that it is not to blame for what is wrong with it.
    package var isPatched: Bool { arrival?.isPatched ?? wasPatched }

    package init(_ source: LinkSource, isPatched: Bool = false) {
        self.source = source
        self.arrival = nil
        self.wasPatched = isPatched
    }

    init(_ source: LinkSource, arriving layer: ArrivingLayer) {
        self.source = source
        self.arrival = layer
        self.wasPatched = false
    }
}
