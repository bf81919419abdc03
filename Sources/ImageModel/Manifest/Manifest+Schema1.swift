extension Manifest {
    /// The content of a schema1 manifest. Signatures are not verified here.
    package struct Schema1: Sendable, Equatable {
        /// The repository it was made for; empty if absent.
        package let name: String
        /// The tag it was made for; empty if absent.
        package let tag: String
        /// The CPU architecture; empty if absent.
        package let architecture: String
        /// The blobs, topmost first, one for each history entry.
        package let layers: [Digest]
        /// The JSON of the v1 images, topmost first.
        package let history: [String]

        /// - Parameter tarsums: The digests of layers referenced by tarsum.
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
                            reason: "'\(tarsum)' is not a known layer"
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

        /// The layers referenced by tarsum, as far as they can be parsed.
        static func tarsums(in fields: ManifestFields) -> [Tarsum] {
            guard let entries = try? fields.objects("fsLayers") else { return [] }
            return entries.compactMap { $0.tarsum("blobSum") }
        }
    }
}
