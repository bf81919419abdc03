import ImageModel
import RegistryCore
import Testing

@Suite struct TagJoinTests {
    static let a = "aaaaaaaaaaaaaaaa"
    static let b = "bbbbbbbbbbbbbbbb"
    static let x = "sha256:" + String(repeating: "1", count: 64)
    static let y = "sha256:" + String(repeating: "2", count: 64)

    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        var record: (String, String)?
        var v1: (String, Int64)?
        var v2: (String, Int64)?
        let expected: String?
    }

    @Test(
        "the side that differs from the record is the newer write; otherwise the later time decides",
        arguments: [
            Case(testDescription: "neither side", expected: nil),
            Case(testDescription: "neither side, despite a record", record: (a, x), expected: nil),
            Case(testDescription: "v1 alone", v1: (a, 1), expected: a),
            Case(testDescription: "v2 alone", v2: (x, 1), expected: x),
            Case(testDescription: "both as joined", record: (a, x), v1: (a, 9), v2: (x, 1), expected: x),
            Case(testDescription: "v1 written since", record: (a, x), v1: (b, 1), v2: (x, 9), expected: b),
            Case(testDescription: "v2 written since", record: (a, x), v1: (a, 9), v2: (y, 1), expected: y),
            Case(testDescription: "both written, v1 later", record: (a, x), v1: (b, 9), v2: (y, 1), expected: b),
            Case(testDescription: "both written, v2 later", record: (a, x), v1: (b, 1), v2: (y, 9), expected: y),
            Case(testDescription: "no record, v1 later", v1: (a, 9), v2: (x, 1), expected: a),
            Case(testDescription: "no record, v2 later", v1: (a, 1), v2: (x, 9), expected: x),
            Case(testDescription: "no record, the same time", v1: (a, 5), v2: (x, 5), expected: x),
        ]
    )
    func join(_ item: Case) throws {
        let record = try item.record.map {
            TagRecord(image: try V1ImageID(parsing: $0.0), manifest: try Digest(parsing: $0.1))
        }
        let v1 = try item.v1.map { TagSide(value: try V1ImageID(parsing: $0.0), modified: $0.1) }
        let v2 = try item.v2.map { TagSide(value: try Digest(parsing: $0.0), modified: $0.1) }
        let shown: String? =
            switch TagJoin(record: record, v1: v1, v2: v2) {
            case .absent: nil
            case .manifest(let digest): digest.description
            case .image(let id): id.description
            }
        #expect(shown == item.expected)
    }
}
