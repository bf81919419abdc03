package import ImageModel

/// What a client says in its `Accept` headers: media types, each with how much it is wanted.
///
/// RFC 9110, section 12.5.1, read mildly: what cannot be understood counts as not said.
package struct AcceptedTypes: Sendable, Hashable {
    /// A type or range, and how much it is wanted.
    private struct Item: Sendable, Hashable {
        /// Its name, lowercase.
        let name: String
        /// In thousandths.
        let weight: Int
    }

    /// What is named, in the order of the headers: a few, of which the heaviest counts where a name is repeated.
    private let items: [Item]

    /// Reads the headers: several, each of which may be a list.
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

    /// How much exactly this type is wanted, in thousandths; nil if it is not named.
    ///
    /// - Parameter type: A type whose name is lowercase, as those are that are known here.
    package func weight(ofNamed type: MediaType) -> Int? { weight(of: type.description) }

    /// Whether a range such as `*/*` takes types that are not named.
    package var takesAny: Bool { weight(of: "*/*") ?? 0 > 0 || weight(of: "application/*") ?? 0 > 0 }

    private func weight(of name: String) -> Int? {
        var heaviest: Int?
        for item in items where item.name == name { heaviest = max(heaviest ?? 0, item.weight) }
        return heaviest
    }

    private static func lowercased(_ name: String) -> String {
        name.utf8.contains { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) } ? name.lowercased() : name
    }

    /// `q` of an item, 1 where it is not there or cannot be read.
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
