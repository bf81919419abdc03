extension Manifest {
    /// What a schema1 manifest says; the signatures, if there are any, are not verified here.
    package struct Schema1: Sendable, Equatable {
        /// The repository that it was made for; empty if it does not say.
        package let name: String
        /// The tag that it was made for; empty if it does not say.
        package let tag: String
        /// The processor that it is for; empty if it does not say.
        package let architecture: String
        /// The blobs, top first, one for each entry of the history.
        package let layers: [Digest]
        /// The v1 images' JSON texts, top first.
        package let history: [String]

        init(_ fields: ManifestFields) throws(MalformedManifest) {
            name = try fields.text("name") ?? ""
            tag = try fields.text("tag") ?? ""
            architecture = try fields.text("architecture") ?? ""
            var layers: [Digest] = []
            for entry in try fields.objects("fsLayers") { layers.append(try entry.digest("blobSum")) }
            var history: [String] = []
            for entry in try fields.objects("history") {
                guard let text = try entry.text("v1Compatibility") else {
                    throw .missing(field: entry.path("v1Compatibility"))
                }
                history.append(text)
            }
            guard layers.count == history.count else {
                let reason = "has \(history.count) entries for \(layers.count) layers"
                throw .malformed(field: "history", reason: reason)
            }
            self.layers = layers
            self.history = history
        }
    }
}
