import ImageModel

/// What a Docker engine understands of a v1 image's JSON.
struct V1Record {
    /// The typed record, filled.
    let record: GoRecord

    /// Reads an image as an engine does.
    ///
    /// - Throws: ``GoTypeMismatch`` where a field has a value of the wrong type: no engine takes such an image.
    init(_ image: V1Image) throws(GoTypeMismatch) {
        var record = GoRecord.v1Image
        try record.assign(image.document)
        self.record = record
    }

    /// When the image was made.
    var created: GoTime {
        if case .time(let time)? = record["created"] { time } else { .zero }
    }

    /// Who made it.
    var author: String { record.string("author") }

    /// What was said of it.
    var comment: String { record.string("comment") }

    /// The version of Docker that made it.
    var dockerVersion: DockerVersion { DockerVersion(record.string("docker_version")) }

    /// The command whose result it is: the words joined by single spaces.
    var createdBy: String {
        guard case .record(let configuration)? = record["container_config"],
            case .words(let words)? = configuration["Cmd"]
        else { return "" }
        return (words.elements ?? []).joined(separator: " ")
    }
}
