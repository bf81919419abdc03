package import ImageModel

/// The media types in a client's `Accept` headers, with their weights.
///
/// RFC 9110, section 12.5.1, parsed leniently: malformed parts are ignored.
package struct AcceptedTypes: Sendable, Hashable {
    /// A type or range with its weight.
    private struct Item: Sendable, Hashable {
        /// The lowercase name.
        let name: String
        /// The weight in thousandths.
        let weight: Int
    }

    /// The items in header order. There are few; the highest weight wins if a name is repeated.
    private let items: [Item]

    /// Parses the headers; each may be a list.
    package init(_ headers: [String]) {
        var items: [Item] = []
        for header in headers {
            for bytes in header.utf8.split(separator: UInt8(ascii: ",")) {
                let text = Substring(bytes)
                let name = MediaType(text).description
                guard !name.isEmpty else { continue }
                items.append(Item(name: Self.lowercased(name), weight: Self.weight(of: text)))
            }
        }
        self.items = items
    }

    /// The weight of exactly this type, in thousandths; nil if it is not named.
    ///
    /// - Parameter type: A type with a lowercase name.
    package func weight(ofNamed type: MediaType) -> Int? { weight(of: type.description) }

    /// Whether a range such as `*/*` accepts types that are not named.
    package var takesAny: Bool { weight(of: "*/*") ?? 0 > 0 || weight(of: "application/*") ?? 0 > 0 }

    private func weight(of name: String) -> Int? {
        var heaviest: Int?
        for item in items where item.name == name { heaviest = max(heaviest ?? 0, item.weight) }
        return heaviest
    }

    private static func lowercased(_ name: String) -> String {
        name.utf8.contains { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) } ? name.lowercased() : name
    }

    /// The `q` value of an item; 1 if absent or malformed.
    private static func weight(of item: Substring) -> Int {
        guard item.utf8.contains(UInt8(ascii: ";")) else { return 1000 }
        for parameter in item.split(separator: ";").dropFirst() {
            let parts = parameter.split(separator: "=", maxSplits: 1).map { $0.filter { !$0.isWhitespace } }
            guard parts.count == 2, parts[0].lowercased() == "q" else { continue }
            return Double(parts[1]).map { $0.isFinite ? Int(min(max($0, 0), 1) * 1000) : 1000 } ?? 1000
        }
        return 1000
    }
}
