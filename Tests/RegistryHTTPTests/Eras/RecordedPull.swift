import Conversion
import ImageModel
import SystemLibraries
import Testing

/// A recorded pull by a real engine, repeated with an image of equal chain length.
///
/// Ids and digests that the engine learned from responses are replaced with those at the same place in our responses.
struct RecordedPull: Sendable {
    let version: String
    let repository: String
    /// For each image of the recorded chain, base first, whether its layer is empty.
    let areEmpty: [Bool]
    private let exchanges: [RecordedExchange]
    /// What the engine learned, top first: ids of v1 images, or blobs of schema1.
    private let learned: [String]
    /// The replacements.
    private var names: [String: String] = [:]
    /// The DiffIDs of the pulled layers.
    private(set) var diffIDs: Set<String> = []

    init(version: String) throws {
        self.version = version
        let isV1 = version != "1.9.1"
        exchanges = try RecordedExchange.all("\(version)-\(isV1 ? "v1" : "v2")-pull")
        if isV1 {
            let ancestry = try #require(exchanges.first { $0.target.hasSuffix("/ancestry") })
            learned = try #require(try JSONValue(parsing: Array(ancestry.answer.utf8)).array).compactMap(\.string)
            areEmpty = learned.map { _ in false }
        } else {
            // The recording lacks the whole manifest, which is the one that the same engine had pushed.
            let manifest = try Manifest(parsing: GoldenImage().manifest, contentType: nil)
            learned = try #require(manifest.schema1).layers.map(\.description)
            let counts = Dictionary(grouping: learned, by: { $0 }).mapValues(\.count)
            areEmpty = learned.reversed().map { (counts[$0] ?? 0) > 1 }
        }
        let named = try #require(exchanges.first { $0.target.contains("multi") })
        let words = named.target.split(separator: "/").map(String.init)
        repository = isV1 ? words[2...3].joined(separator: "/") : words[1...2].joined(separator: "/")
    }

    /// Repeats the engine's requests, and checks every response.
    mutating func run(port: Int) async throws {
        for exchange in exchanges { try await check(exchange, port) }
    }

    private mutating func check(_ recorded: RecordedExchange, _ port: Int) async throws {
        var target = recorded.target
        for (old, new) in names { target = target.replacing(old, with: new) }
        var headers = recorded.headers
        if headers["User-Agent"] == "Go-http-client/1.1" { headers["User-Agent"] = "Go 1.1 package http" }
        let answer = try await exchange(recorded.method, target, headers: headers, body: [], port: port)
        let isHidden = version != "1.9.1" && target.hasPrefix("/v2/")
        #expect(answer.status == (isHidden ? 404 : recorded.status), "\(recorded.method) \(target): \(answer.text)")
        guard recorded.method == "GET", answer.status == 200 else { return }
        if target.hasSuffix("/ancestry") {
            try learn(try #require(try JSONValue(parsing: answer.body).array).compactMap(\.string))
        } else if target.hasSuffix("/tags") {
            names[learned[0]] = try JSONValue(parsing: answer.body)["latest"]?.string
        } else if target.hasSuffix("/tags/latest") {
            names[learned[0]] = try JSONValue(parsing: answer.body).string
        } else if target.contains("/manifests/") {
            let signed = try SignedSchema1(verifying: answer.body)
            #expect(!signed.keyIDs.isEmpty)
            #expect(answer["content-type"] == MediaType.schema1Signed.description)
            let schema1 = try #require(Manifest(parsing: signed.payload, contentType: .schema1).schema1)
            #expect(schema1.name == repository && schema1.tag == "latest")
            try learn(schema1.layers.map(\.description))
        } else if target.hasSuffix("/layer") || target.contains("/blobs/") {
            diffIDs.insert(try GoldenImage.diffID(of: answer.body))
        }
    }

    private mutating func learn(_ found: [String]) throws {
        try #require(found.count == learned.count)
        for (old, new) in zip(learned, found) { names[old] = new }
    }
}
