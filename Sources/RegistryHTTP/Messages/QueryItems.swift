/// The decoded `name=value` pairs after the `?` of a request target, in the order in which they were sent.
package struct QueryItems: Sendable, Equatable {
    /// One pair. The value is empty both for `name=` and for `name`.
    package struct Item: Sendable, Equatable {
        /// The name, decoded.
        package let name: String
        /// The value, decoded.
        package let value: String
    }

    /// Every pair, repeated names included.
    package let items: [Item]

    /// Parses a query: what follows the `?`, as it was sent. `+` is a space, as HTML forms write it.
    package init(parsing query: some StringProtocol) {
        guard !query.isEmpty else {
            items = []
            return
        }
        items = query.split(separator: "&" as Character).map { pair in
            let sides = pair.split(separator: "=" as Character, maxSplits: 1, omittingEmptySubsequences: false)
            return Item(name: Self.decode(sides[0]), value: sides.count > 1 ? Self.decode(sides[1]) : "")
        }
    }

    /// The first value of `name`, or nil when it was not sent at all.
    package subscript(name: String) -> String? { items.first { $0.name == name }?.value }

    /// Every value of `name`, in order.
    package func values(of name: String) -> [String] { items.filter { $0.name == name }.map(\.value) }

    private static func decode(_ text: some StringProtocol) -> String {
        guard text.utf8.contains(UInt8(ascii: "+")) else { return String(percentDecoding: text) }
        return String(percentDecoding: String(text.map { $0 == "+" ? " " : $0 }))
    }
}
