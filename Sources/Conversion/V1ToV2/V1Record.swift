import ImageModel

/// The fields of a v1 image's JSON that a Docker engine understands.
struct V1Record {
    /// The typed record with the image's values.
    let record: GoRecord

    /// Parses an image like an engine does.
    ///
    /// - Throws: ``GoTypeMismatch`` if a field has the wrong type: no engine accepts such an image.
    init(_ image: V1Image) throws(GoTypeMismatch) {
        var record = GoRecord.v1Image
        try record.assign(image.document)
        self.record = record
    }

    /// The creation time of the image.
    var created: GoTime {
        if case .time(let time)? = record["created"] { time } else { .zero }
    }

    /// The author of the image.
    var author: String { record.string("author") }

    /// The comment of the image.
    var comment: String { record.string("comment") }

    /// The version of Docker that created it.
    var dockerVersion: DockerVersion { DockerVersion(record.string("docker_version")) }

    /// The command that created it, its words joined by single spaces.
    var createdBy: String {
        guard case .record(let configuration)? = record["container_config"],
            case .words(let words)? = configuration["Cmd"]
        else { return "" }
        return (words.elements ?? []).joined(separator: " ")
    }
}
