import Conversion
import ImageModel
import Testing

@Suite("Conversion of damaged JSON")
struct MutatedJSONTests {
    @Test("never crashes: it produces a configuration or an error", arguments: 0..<8)
    func mutations(seed: Int) throws {
        var random = SplitMix64(state: UInt64(seed))
        let images = try GoldenCase.all.flatMap { try $0.chain().map(\.image.json) }
        try #require(!images.isEmpty)
        var convertedCount = 0
        for _ in 0..<250 {
            let original = images[Int.random(in: images.indices, using: &random)]
            let json = mutated(original, with: images, using: &random)
            guard let chain = try? TestChain.chain(of: [original, json]) else { continue }
            do throws(UnconvertibleImage) {
                let image = try ConvertedImage(chain: chain)
                let configuration = try? JSONValue(parsing: image.configuration)
                #expect(configuration?["rootfs"]?["diff_ids"]?.array?.count == 2)
                #expect(configuration?["history"]?.array?.count == 2)
                convertedCount += 1
            } catch {
                #expect(!error.description.isEmpty)
            }
        }
        #expect(convertedCount > 0)
    }

    private func mutated(_ original: [UInt8], with others: [[UInt8]], using random: inout SplitMix64) -> [UInt8] {
        let snippets = [
            "null", "{}", "[]", "\"\"", "1e9", "true", ",", "\"", "\\", "\\ud800", "{\"a\":", "]", "\u{0}", "-",
        ]
        var json = original
        for _ in 0..<Int.random(in: 1...3, using: &random) {
            let position = Int.random(in: json.indices, using: &random)
            switch Int.random(in: 0..<5, using: &random) {
            case 0: json[position] = UInt8.random(in: 0...255, using: &random)
            case 1: json.remove(at: position)
            case 2: json.insert(contentsOf: snippets.randomElement(using: &random)?.utf8 ?? "".utf8, at: position)
            case 3:
                let end = min(json.count, position + Int.random(in: 1...40, using: &random))
                json.insert(contentsOf: json[position..<end], at: position)
            default: replaceValue(in: &json, using: &random)
            }
            if json.isEmpty { return json }
        }
        return json
    }

    /// Replaces the value after one of the colons, so that the document often remains JSON.
    private func replaceValue(in json: inout [UInt8], using random: inout SplitMix64) {
        let values = ["null", "{}", "[null]", "\"x\"", "-7", "1.5", "true", "[[]]", "{\"a\":null}"]
        let colons = json.indices.filter { json[$0] == UInt8(ascii: ":") }
        guard let colon = colons.randomElement(using: &random), let value = values.randomElement(using: &random),
            let end = json[colon...].firstIndex(where: { $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: "}") })
        else { return }
        json.replaceSubrange(colon + 1..<end, with: value.utf8)
    }
}
