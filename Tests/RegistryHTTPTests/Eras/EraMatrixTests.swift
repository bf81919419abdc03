import ImageModel
import RegistryCore
import Testing

/// Every era pulls what any era pushed: the sixteen cells.
@Suite struct EraMatrixTests {
    @Test(
        "what one era pushed another pulls, with the DiffIDs and the image id that engines computed",
        arguments: Era.allCases,
        Era.allCases
    )
    func cell(pushedBy: Era, pulledBy: Era) async throws {
        let image = try GoldenImage()
        try await ConformanceTarget.withDirectory { root in
            let first = try await ConformanceTarget.withOwn(root: root) { port in
                let client = RegistryClient(port: port, repository: GoldenImage.repository)
                try await client.push(image, by: pushedBy)
                let first = try await client.pull(GoldenImage.tag, by: pulledBy)
                #expect(try await client.pull(GoldenImage.tag, by: pulledBy) == first)
                return first
            }
            #expect(first.diffIDs == (try image.diffIDs()))
            if pulledBy == .schema2 || pulledBy == .oci { #expect(first.id == image.imageID) }
            if [.v1, .schema1].contains(pushedBy), [.v1, .schema1].contains(pulledBy) {
                #expect(first.id == (try image.ids().first))
            }
            let again = try await ConformanceTarget.withOwn(root: root) { port in
                try await RegistryClient(port: port, repository: GoldenImage.repository)
                    .pull(GoldenImage.tag, by: pulledBy)
            }
            #expect(again == first)
        }
    }

    @Test("an image of v2 has the same ids for Docker 1.5 and for Docker 1.9", arguments: [Era.schema2, .oci])
    func sameIDs(pushedBy: Era) async throws {
        let image = try GoldenImage()
        try await ConformanceTarget.withDirectory { root in
            try await ConformanceTarget.withOwn(root: root) { port in
                let client = RegistryClient(port: port, repository: GoldenImage.repository)
                try await client.push(image, by: pushedBy)
                let v1 = try await client.pull(GoldenImage.tag, by: .v1)
                #expect(try await client.pull(GoldenImage.tag, by: .schema1) == v1)
            }
        }
    }

    @Test(
        "the bytes of a manifest are the same from one request to the next and after a restart",
        arguments: Era.allCases
    )
    func sameBytes(pushedBy: Era) async throws {
        let image = try GoldenImage()
        try await ConformanceTarget.withDirectory { root in
            var seen: [Era: Set<[UInt8]>] = [:]
            for _ in 0..<2 {
                let answers = try await ConformanceTarget.withOwn(root: root) { port in
                    let client = RegistryClient(port: port, repository: GoldenImage.repository)
                    if try await client.send("HEAD", "manifests/\(GoldenImage.tag)").status == 404 {
                        try await client.push(image, by: pushedBy)
                    }
                    var answers: [(Era, [UInt8])] = []
                    for era in [Era.schema1, .schema2, .oci, .schema1, .schema2, .oci] {
                        let path = "manifests/\(GoldenImage.tag)"
                        answers.append((era, try await client.send("GET", path, era.pullHeaders).body))
                    }
                    return answers
                }
                for (era, body) in answers { seen[era, default: []].insert(body) }
            }
            #expect(seen.values.allSatisfy { $0.count == 1 })
        }
    }
}
