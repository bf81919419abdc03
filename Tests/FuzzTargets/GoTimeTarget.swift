import Conversion
import ImageModel

extension FuzzTarget {
    /// A time in JSON, as read and written by Go.
    static let goTime = FuzzTarget("go-time") { input in
        guard let created = createdTime(of: input) else { return }
        let text = Array(created.utf8)
        // Skip offsets that Go reads but writes in a form that it would not read.
        guard let again = createdTime(of: text), text.count <= 37 else { return }
        try require(again == created || again == "0001-01-01T00:00:00Z", "a time can be written and read back")
    }

    /// The time of an image whose step was created at `time`; nil if that is not valid in a configuration.
    private static func createdTime(of time: [UInt8]) -> String? {
        let configuration = #"{"history":[{"created":""#.utf8 + time + #""},{}]}"#.utf8
        let layers = [FuzzWorld.digest, FuzzWorld.digest]
        guard let chain = try? ProjectedChain(configuration: configuration, layers: layers) else { return nil }
        return (try? JSONText(parsing: chain.images[0].json))?["created"]?.string
    }
}
