import HTTPTypes
import RegistryHTTP

extension FuzzTarget {
    /// `Range` for a blob of ten bytes.
    static let range = FuzzTarget(waiting: "range") { input in
        let world = try await FuzzWorld()
        let target = "/v2/\(FuzzWorld.repository)/blobs/\(FuzzWorld.digest)"
        let response = try await world.response(.get, target, headers: [.range: FuzzInput.text(input)])
        switch response.status.code {
        case 200: try require(response.body.byteCount == 10, "a whole blob has all its bytes")
        case 206: try require(response.body.byteCount > 0, "a part is not empty")
        case 416: try require(response.headers[.contentRange]?.hasSuffix("/10") == true, "a refusal contains the size")
        default: try require(false, "a range is served, refused or ignored")
        }
    }
}
