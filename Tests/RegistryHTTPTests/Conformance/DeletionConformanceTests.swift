import ImageModel
import SystemLibraries
import Testing

/// OCI Distribution Specification, "Content Management".
@Suite struct DeletionConformanceTests {
    @Test("deleting a tag removes only that tag")
    func tag() async throws {
        try await ConformanceTarget.withRepository { client in
            let image = try await client.pushImage("image", tag: "one")
            try await client.push(image, as: "two")
            let deleted = try await client.send("DELETE", "manifests/one").status
            // A registry may support deletes by digest only.
            if !ConformanceTarget.isOwn, [400, 405].contains(deleted) { return }
            #expect(deleted == 202)
            #expect(try await client.send("GET", "manifests/one").status == 404)
            #expect(try await client.send("GET", "manifests/two").body == image.bytes)
            #expect(try await client.send("GET", "manifests/\(image.digest)").body == image.bytes)
            #expect(try await client.send("GET", "tags/list").strings("tags") == ["two"])
            #expect(try await client.send("DELETE", "manifests/one").status == 404)
        }
    }

    @Test("deleting a manifest removes its tags too, and no others")
    func manifest() async throws {
        try await ConformanceTarget.withRepository { client in
            let image = try await client.pushImage("image", tag: "one")
            try await client.push(image, as: "two")
            let other = try await client.pushImage("other", tag: "three")
            #expect(try await client.send("DELETE", "manifests/\(image.digest)").status == 202)
            for reference in ["one", "two", image.digest.description] {
                let answer = try await client.send("GET", "manifests/\(reference)")
                #expect(answer.status == 404)
                #expect(try answer.codes == ["MANIFEST_UNKNOWN"])
            }
            #expect(try await client.send("GET", "manifests/three").body == other.bytes)
            #expect(try await client.send("GET", "tags/list").strings("tags") == ["three"])
            let again = try await client.send("DELETE", "manifests/\(image.digest)")
            #expect(again.status == 404)
            #expect(try again.codes == ["MANIFEST_UNKNOWN"])
        }
    }

    @Test("a deleted manifest can be pushed again")
    func again() async throws {
        try await ConformanceTarget.withRepository { client in
            let image = try await client.pushImage("image", tag: "latest")
            #expect(try await client.send("DELETE", "manifests/\(image.digest)").status == 202)
            #expect(try await client.push(image, as: "latest").status == 201)
            #expect(try await client.send("GET", "manifests/latest").body == image.bytes)
        }
    }

    @Test(
        "deleting in a repository that does not exist is 404",
        arguments: [
            "manifests/latest", "manifests/\(Digest(.sha256, of: []))", "blobs/\(Digest(.sha256, of: []))",
        ]
    )
    func nowhere(path: String) async throws {
        try await ConformanceTarget.withRepository { client in
            let answer = try await client.send("DELETE", path)
            #expect(ConformanceTarget.statuses(404, elsewhere: 400, 405).contains(answer.status))
            guard ConformanceTarget.isOwn else { return }
            // Like a GET, and like registry:2.
            #expect(try answer.codes == [path.hasPrefix("blobs") ? "BLOB_UNKNOWN" : "MANIFEST_UNKNOWN"])
            #expect(try await client.send("GET", path).body == answer.body)
        }
    }

    @Test("deleting a blob removes it only from that repository", arguments: Digest.Algorithm.allCases)
    func blob(algorithm: Digest.Algorithm) async throws {
        try await ConformanceTarget.withRepository { client in
            let digest = try await client.push(blob: [1, 2, 3], as: algorithm)
            let other = client.repository(client.repository + "-other")
            try await other.push(blob: [1, 2, 3], as: algorithm)
            #expect(try await client.send("DELETE", "blobs/\(digest)").status == 202)
            #expect(try await client.send("GET", "blobs/\(digest)").status == 404)
            #expect(try await client.send("HEAD", "blobs/\(digest)").status == 404)
            #expect(try await client.send("DELETE", "blobs/\(digest)").status == 404)
            #expect(try await other.send("GET", "blobs/\(digest)").body == [1, 2, 3])
            try await client.push(blob: [1, 2, 3], as: algorithm)
            #expect(try await client.send("GET", "blobs/\(digest)").status == 200)
        }
    }
}
