import HTTPTypes
import RegistryHTTP

extension FuzzTarget {
    /// `Content-Range` of an upload chunk of ten bytes, and the resulting range on the server.
    static let chunk = FuzzTarget(waiting: "chunk") { input in
        let world = try await FuzzWorld()
        let begun = try await world.response(.post, "/v2/\(FuzzWorld.repository)/blobs/uploads/")
        guard let location = begun.headers[.location] else { return try require(false, "an upload has a location") }
        let fields: HTTPFields = [.contentRange: FuzzInput.text(input)]
        let taken = try await world.response(.patch, location, headers: fields, body: FuzzWorld.blob)
        try require([202, 400, 416].contains(taken.status.code), "a chunk is accepted or refused")
        let state = try await world.response(.get, location)
        let range = taken.status.code == 202 ? "0-9" : "0-0"
        try require(state.headers[.range] == range, "an upload has the accepted bytes")
    }
}
