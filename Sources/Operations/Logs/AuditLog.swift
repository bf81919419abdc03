import ImageModel
import Logging
package import RegistryCore
package import RegistryHTTP

/// The record of who changed what: every push, tag, mount and delete, every collection, and every login that was
/// refused.
package struct AuditLog: RequestObserver {
    private let output: LogOutput

    /// - Parameter output: Where the lines go.
    package init(_ output: LogOutput) { self.output = output }

    /// Starts recording the changes of a registry.
    package func follow(_ events: RegistryEvents) {
        events.subscribe(needingPrevious: true) { event in write(Self.fields(of: event), by: event.actor) }
        events.observe { activity in
            guard case .collection(let collection, let actor) = activity, !collection.isDryRun else { return }
            write(Self.fields(of: collection), by: actor)
        }
    }

    package func requestEnded(_ record: RequestRecord) {
        let request = record.request
        guard let refused = request.context.refusedLogin else { return }
        var fields = [LogLine.Field("event", "login_refused")]
        // People type passwords where the name belongs: a name that is not a user's is not written.
        if let user = refused.user { fields.append(.user(user)) }
        fields += Self.client(request.clientAddress, record.agent, request.context.id)
        output.write(LogLine(at: WallClock.now, .notice, "audit", fields))
    }

    private func write(_ fields: [LogLine.Field], by actor: EventActor) {
        var fields = fields
        if let user = actor.user { fields.append(.user(user)) }
        fields.append(LogLine.Field("interface", actor.interface.rawValue))
        if let request = actor.request { fields += Self.client(request.address, request.userAgent, request.id) }
        output.write(LogLine(at: WallClock.now, .notice, "audit", fields))
    }

    /// What happened to what.
    static func fields(of event: RegistryEvent) -> [LogLine.Field] {
        var fields = [LogLine.Field("event", event.change.name)]
        if let repository = event.repository {
            fields.append(LogLine.Field("repository", json: "vars.name", repository.description))
        }
        func add(_ name: String, _ value: String) { fields.append(LogLine.Field(name, value)) }
        switch event.change {
        case .manifestPushed(let manifest, let tags):
            add("digest", manifest.digest.description)
            fields.append(LogLine.Field("bytes", .integer(Int64(manifest.byteCount))))
            if !tags.isEmpty { add("tags", tags.map(\.description).joined(separator: ",")) }
        case .manifestRemoved(let digest), .blobRemoved(let digest): add("digest", digest.description)
        case .tagSet(let tag, let content):
            add("tag", tag)
            switch content {
            case .manifest(let digest): add("digest", digest.description)
            case .image(let image, let converted):
                add("image", image.description)
                if let converted { add("digest", converted.digest.description) }
            }
        case .tagRemoved(let tag): add("tag", tag)
        case .blobPushed(let digest, let byteCount):
            add("digest", digest.description)
            fields.append(LogLine.Field("bytes", .integer(byteCount)))
        case .blobMounted(let digest, _, let source):
            add("digest", digest.description)
            if let source { add("from", source.description) }
        case .imageCompleted(let image): add("image", image.description)
        case .repositoryChanged: break
        case .repositoryRemoved(let tags): add("tags", tags.joined(separator: ","))
        }
        switch event.previous {
        case .manifest(let digest): add("previous", digest.description)
        case .image(let image, let digest): add("previous", digest?.description ?? image.description)
        case nil: break
        }
        return fields
    }

    private static func fields(of collection: RegistryActivity.Collection) -> [LogLine.Field] {
        [
            LogLine.Field("event", "collection"), LogLine.Field("complete", "\(collection.isComplete)"),
            LogLine.Field("blobs", .integer(Int64(collection.blobCount))),
            LogLine.Field("manifests", .integer(Int64(collection.manifestCount))),
            LogLine.Field("v1_images", .integer(Int64(collection.v1ImageCount))),
            LogLine.Field("uploads", .integer(Int64(collection.uploadCount))),
            LogLine.Field("bytes", .integer(collection.byteCount)),
        ]
    }

    private static func client(_ address: String?, _ agent: String?, _ id: String?) -> [LogLine.Field] {
        var fields: [LogLine.Field] = []
        if let address { fields.append(.client(address)) }
        if let agent { fields.append(.agent(agent)) }
        if let id { fields.append(.requestID(id)) }
        return fields
    }
}
