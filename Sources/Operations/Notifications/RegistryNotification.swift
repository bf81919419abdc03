import ImageModel
import NIOCore
import RegistryCore

/// What happened to what, in registry:2's terms.
struct RegistryNotification: Sendable {
    /// What happened.
    enum Action: String, Sendable {
        case pull
        case push
        case mount
        case delete
    }

    /// The content. What is empty or 0 is left out.
    struct Target: Sendable {
        var mediaType = ""
        var digest = ""
        var byteCount: Int64 = 0
        var repository: String
        /// The repository that a blob was mounted from.
        var fromRepository = ""
        /// The path of its URL.
        var path = ""
        var tag = ""
        /// What a manifest references, if the notifications include that.
        var references: [JSONValue] = []
    }

    let action: Action
    var target: Target
    let actor: EventActor
}

extension RegistryNotification {
    /// The notifications of a change; none if v2 clients do not see the repository, or registry:2 knows no such change.
    ///
    /// - Parameter includesReferences: Whether they list what a manifest references.
    static func all(of event: RegistryEvent, includesReferences: Bool) -> [RegistryNotification] {
        guard let name = event.repository?.v2 else { return [] }
        func make(_ action: Action, _ target: Target) -> RegistryNotification {
            RegistryNotification(action: action, target: target, actor: event.actor)
        }
        switch event.change {
        case .manifestPushed(let manifest, let tags):
            let target = Target(manifest, in: name, includesReferences: includesReferences)
            guard !tags.isEmpty else { return [make(.push, target)] }
            return tags.map { tag in
                var tagged = target
                tagged.tag = tag.description
                return make(.push, tagged)
            }
        case .blobPushed(let digest, let byteCount):
            return [make(.push, Target(digest, byteCount: byteCount, in: name))]
        case .blobMounted(let digest, let byteCount, let source):
            var target = Target(digest, byteCount: byteCount, in: name)
            target.fromRepository = source?.description ?? ""
            return [make(.mount, target)]
        case .manifestRemoved(let digest), .blobRemoved(let digest):
            return [make(.delete, Target(digest: digest.description, repository: name.description))]
        case .tagRemoved(let tag): return [make(.delete, Target(repository: name.description, tag: tag))]
        case .repositoryRemoved: return [make(.delete, Target(repository: name.description))]
        // A tag is part of the notification of its manifest.
        case .tagSet, .imageCompleted, .repositoryChanged: return []
        }
    }

    /// The notification of a pull.
    init(of pull: RegistryPull, includesReferences: Bool) {
        action = .pull
        actor = pull.actor
        switch pull.content {
        case .manifest(let manifest, let tag):
            target = Target(manifest, in: pull.repository, includesReferences: includesReferences)
            target.tag = tag ?? ""
        case .blob(let digest, let byteCount): target = Target(digest, byteCount: byteCount, in: pull.repository)
        }
    }
}

extension RegistryNotification.Target {
    fileprivate init(_ digest: Digest, byteCount: Int64, in name: RepositoryName) {
        mediaType = MediaType.octetStream.description
        self.digest = digest.description
        self.byteCount = byteCount
        repository = name.description
        path = "/v2/\(name)/blobs/\(digest)"
    }

    fileprivate init(_ manifest: ManifestSummary, in name: RepositoryName, includesReferences: Bool) {
        // registry:2 describes all of schema1 as signed.
        mediaType = (manifest.mediaType == .schema1 ? .schema1Signed : manifest.mediaType).description
        digest = manifest.digest.description
        byteCount = Int64(manifest.byteCount)
        repository = name.description
        path = "/v2/\(name)/manifests/\(manifest.digest)"
        if includesReferences { references = NotificationReferences.all(in: manifest.bytes) }
    }
}

extension RegistryNotification {
    /// The notification as it is sent: registry:2's envelope, byte for byte.
    ///
    /// - Parameter time: In nanoseconds since 1970.
    func envelope(id: String, at time: Int64, from source: NotificationSource) -> ByteBuffer {
        var writer = JSONWriter(.goIndented)
        writer.object { writer in
            writer.key("events")
            writer.array { writer in
                writer.object { writer in
                    writer.text("id", id)
                    writer.text("timestamp", Self.timestamp(time))
                    writer.text("action", action.rawValue)
                    writer.key("target")
                    target.write(to: &writer, root: actor.request?.root ?? source.root)
                    writer.key("request")
                    write(actor.request, to: &writer)
                    writer.key("actor")
                    writer.object { $0.text("name", actor.user ?? "") }
                    writer.key("source")
                    writer.object { writer in
                        writer.text("addr", source.address)
                        writer.text("instanceID", source.instanceID)
                    }
                }
            }
        }
        return ByteBuffer(bytes: writer.bytes)
    }

    private func write(_ request: EventActor.Request?, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.key("id")
            writer.string(request?.id ?? "")
            writer.text("addr", request?.address ?? "")
            writer.text("host", request?.host ?? "")
            writer.key("method")
            writer.string(request?.method ?? "")
            writer.key("useragent")
            writer.string(request?.userAgent ?? "")
        }
    }

    /// A time as Go's `time.Time` is written in JSON, in UTC.
    static func timestamp(_ time: Int64) -> String {
        var bytes: [UInt8] = []
        LogTime.append(time, to: &bytes)
        // The milliseconds and the zone, in favour of nanoseconds without the zeros at their end.
        bytes.removeLast(5)
        var fraction: [UInt8] = []
        LogTime.append(Int(max(0, time) % 1_000_000_000), digits: 9, to: &fraction)
        while fraction.last == UInt8(ascii: "0") { fraction.removeLast() }
        if !fraction.isEmpty { bytes += [UInt8(ascii: ".")] + fraction }
        return String(decoding: bytes, as: UTF8.self) + "Z"
    }
}

extension RegistryNotification.Target {
    fileprivate func write(to writer: inout JSONWriter, root: String) {
        writer.object { writer in
            writer.text("mediaType", mediaType)
            writer.count("size", byteCount)
            writer.text("digest", digest)
            writer.count("length", byteCount)
            writer.text("repository", repository)
            writer.text("fromRepository", fromRepository)
            writer.text("url", path.isEmpty ? "" : root + path)
            writer.text("tag", tag)
            if !references.isEmpty {
                writer.key("references")
                JSONValue.array(references).write(to: &writer)
            }
        }
    }
}

/// Members that are left out when they are empty, like Go's `omitempty`.
extension JSONWriter {
    fileprivate mutating func text(_ key: String, _ text: String) {
        guard !text.isEmpty else { return }
        self.key(key)
        string(text)
    }

    fileprivate mutating func count(_ key: String, _ count: Int64) {
        guard count != 0 else { return }
        self.key(key)
        integer(count)
    }
}
