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

        /// - Parameter tarsums: The layers that tarsums name.
        init(_ fields: ManifestFields, resolving tarsums: [Tarsum: Digest]) throws(MalformedManifest) {
            name = try fields.text("name") ?? ""
            tag = try fields.text("tag") ?? ""
            architecture = try fields.text("architecture") ?? ""
            var layers: [Digest] = []
            for entry in try fields.objects("fsLayers") {
                if let tarsum = entry.tarsum("blobSum") {
                    guard let layer = tarsums[tarsum] else {
                        throw .malformed(
                            field: entry.path("blobSum"),
                            reason: "'\(tarsum)' names no layer that is here"
                        )
                    }
                    layers.append(layer)
                } else {
                    layers.append(try entry.digest("blobSum"))
                }
            }
            var history: [String] = []
            for entry in try fields.objects("history") { history.append(try entry.text("v1Compatibility") ?? "") }
            guard layers.count == history.count else {
                let reason = "has \(history.count) entries for \(layers.count) layers"
                throw .malformed(field: "history", reason: reason)
            }
            self.layers = layers
            self.history = history
        }

        /// The layers that are named by a tarsum, as far as they can be read.
        static func tarsums(in fields: ManifestFields) -> [Tarsum] {
            guard let entries = try? fields.objects("fsLayers") else { return [] }
            return entries.compactMap { $0.tarsum("blobSum") }
        }
    }
}
