package import ImageModel

/// What a client says in its `Accept` headers: media types, each with how much it is wanted.
///
/// RFC 9110, section 12.5.1, read mildly: what cannot be understood counts as not said.
package struct AcceptedTypes: Sendable, Hashable {
    /// The weights of types and ranges by their lowercase names, in thousandths.
    private let weights: [String: Int]

    /// Reads the headers: several, each of which may be a list.
    package init(_ headers: [String]) {
        var weights: [String: Int] = [:]
        for item in headers.flatMap({ $0.split(separator: ",") }) {
            let name = MediaType(item).description.lowercased()
            guard !name.isEmpty else { continue }
            weights[name] = max(weights[name] ?? 0, Self.weight(of: item))
        }
        self.weights = weights
    }

    /// How much exactly this type is wanted, in thousandths; nil if it is not named.
    package func weight(ofNamed type: MediaType) -> Int? { weights[type.description.lowercased()] }

    /// Whether a range such as `*/*` takes types that are not named.
    package var takesAny: Bool { (weights["*/*"] ?? 0) > 0 || (weights["application/*"] ?? 0) > 0 }

    /// `q` of an item, 1 where it is not there or cannot be read.
    private static func weight(of item: Substring) -> Int {
        for parameter in item.split(separator: ";").dropFirst() {
            let parts = parameter.split(separator: "=", maxSplits: 1).map { $0.filter { !$0.isWhitespace } }
            guard parts.count == 2, parts[0].lowercased() == "q" else { continue }
            return Double(parts[1]).map { $0.isFinite ? Int(min(max($0, 0), 1) * 1000) : 1000 } ?? 1000
        }
        return 1000
    }
}
