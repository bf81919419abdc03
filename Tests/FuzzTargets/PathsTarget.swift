import HTTPTypes
import ImageModel
import RegistryCore
import RegistryHTTP
import Storage

extension FuzzTarget {
    /// A request target, its route, and the names in it.
    static let paths = FuzzTarget("paths") { input in
        let text = FuzzInput.text(input)
        let request = RegistryRequest(method: .get, target: text)
        _ = V2Route(path: request.path)
        _ = V1Route(path: request.path)
        for item in request.query.items {
            let encoded = String(percentEncoding: item.value)
            try require(String(percentDecoding: encoded) == item.value, "encoded text decodes to the original")
            let written = QueryItems(parsing: "\(String(percentEncoding: item.name))=\(encoded)")
            try require(written.items == [item], "an item of a query can be written and read back")
        }
        try names(text)
        for word in text.split(separator: "/") { try names(String(word)) }
    }

    private static func names(_ text: String) throws {
        if let name = try? RepositoryName(parsing: text) {
            try require(name.description == text, "a name is kept as written")
            if let old = V1RepositoryName(name) {
                try require(try old.v2Name == name, "a v2 name round-trips through v1")
            }
        }
        if let tag = try? Tag(parsing: text) { try require(tag.description == text, "a tag is kept as written") }
        if let digest = try? Digest(parsing: text) {
            try require(digest.description == text, "a digest is kept as written")
        }
        if let id = UploadID(parsing: text) {
            try require(UploadID(parsing: id.description) == id, "an upload keeps its name")
        }
        let name = V1RepositoryName(namespace: text, repository: text)
        let read = V1RepositoryName(
            namespaceComponent: name.namespaceComponent,
            repositoryComponent: name.repositoryComponent
        )
        try require(read == name, "a v1 name round-trips through its directories")
        if let key = V1Layout.tag(text, in: name) {
            try require(V1Layout.tagName(key.name) == text, "a v1 tag round-trips through its file name")
        }
        if let key = try? ObjectKey(validating: text) {
            try require(key.description == text, "a key is kept as written")
        }
        _ = DockerRelease(parsing: text)
    }
}
