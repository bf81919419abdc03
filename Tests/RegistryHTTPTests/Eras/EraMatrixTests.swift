import Conversion
import Foundation
import ImageModel
import RegistryCore
import SystemLibraries
import Testing

/// Every era pulls what any era pushed: sixteen combinations.
@Suite struct EraMatrixTests {
    /// An image, the era that pushes it, and the era that pulls it.
    struct Cell: Sendable, CustomTestStringConvertible {
        let image: GoldenImage
        let pushedBy: Era
        let pulledBy: Era

        var testDescription: String { "\(image.testDescription), pushed by \(pushedBy), pulled by \(pulledBy)" }

        /// Every combination for what engines pushed, and in a full run for odd hand-made chains.
        static func all() throws -> [Cell] {
            let isFull = ProcessInfo.processInfo.environment["LONGSHORE_FULL"] == "1"
            let images = try GoldenImage.all().filter { isFull || !$0.testDescription.hasPrefix("synth") }
            return images.flatMap { image in
                Era.allCases.flatMap { pushedBy in
                    Era.allCases.map { Cell(image: image, pushedBy: pushedBy, pulledBy: $0) }
                }
            }
        }
    }

    @Test("every recorded image exists")
    func recordedImages() throws {
        #expect(try GoldenImage.all().count == 16)
    }

    @Test(
        "what one era pushed another pulls, with the DiffIDs and the image id that engines computed",
        arguments: try Cell.all()
    )
    func pushedAndPulled(cell: Cell) async throws {
        let image = cell.image
        try await ConformanceTarget.withDirectory { root in
            let first = try await ConformanceTarget.withOwn(root: root) { port in
                let client = RegistryClient(port: port, repository: image.repository)
                try await client.push(image, by: cell.pushedBy)
                let first = try await client.pull(GoldenImage.tag, by: cell.pulledBy)
                #expect(try await client.pull(GoldenImage.tag, by: cell.pulledBy) == first)
                return first
            }
            #expect(first.diffIDs == (try image.diffIDs()))
            if cell.pulledBy == .schema2 || cell.pulledBy == .oci { #expect(first.id == image.imageID) }
            if [.v1, .schema1].contains(cell.pushedBy), [.v1, .schema1].contains(cell.pulledBy) {
                #expect(first.id == (try image.ids().first))
            }
            let again = try await ConformanceTarget.withOwn(root: root) { port in
                try await RegistryClient(port: port, repository: image.repository)
                    .pull(GoldenImage.tag, by: cell.pulledBy)
            }
            #expect(again == first)
        }
    }

    @Test(
        "an image with history entries without layers is the same for all, with an empty layer where v1 needs one",
        arguments: [Era.schema2, .oci],
        Era.allCases
    )
    func emptyLayers(pushedBy: Era, pulledBy: Era) async throws {
        let image = try GoldenImage.withEmptyLayers()
        let empty = try GoldenImage.diffID(of: EmptyLayer.bytes)
        let history = try #require(JSONValue(parsing: image.configuration)["history"]?.array)
        #expect(history.count == 18 && history.count(where: { $0["empty_layer"] != nil }) == 13)
        try await ConformanceTarget.withRepository { client in
            try await client.push(image, by: pushedBy)
            let pulled = try await client.pull(GoldenImage.tag, by: pulledBy)
            #expect(pulled.diffIDs.filter { $0 != empty } == (try image.diffIDs()))
            #expect(pulled.diffIDs.count == (pulledBy == .v1 ? 18 : 5))
            switch pulledBy {
            case .v1: #expect(try await client.pull(GoldenImage.tag, by: .schema1).id == pulled.id)
            case .schema1:
                let answer = try await client.send("GET", "manifests/\(GoldenImage.tag)", Era.schema1.pullHeaders)
                let schema1 = try #require(try Manifest(parsing: answer.body, contentType: nil).schema1)
                #expect(
                    schema1.layers.map { $0 == EmptyLayer.digest }
                        == history.reversed().map { $0["empty_layer"] != nil }
                )
            case .schema2, .oci: #expect(pulled.id == image.imageID)
            }
        }
    }

    @Test("a v2 image has the same ids for Docker 1.5 and for Docker 1.9", arguments: [Era.schema2, .oci])
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
        "the bytes of a manifest are the same for every request, even after a restart",
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
