package import Storage

/// Where the layer of an image can be read.
package struct LayerFile: Sendable {
    package let source: LinkSource
    /// Whether it was put together of what several answers brought, so that it is not to blame for what is wrong with it.
    package let isPatched: Bool

    package init(_ source: LinkSource, isPatched: Bool = false) {
        self.source = source
        self.isPatched = isPatched
    }
}
