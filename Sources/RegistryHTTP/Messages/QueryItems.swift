/// The decoded `name=value` pairs after the `?` of a request target, in the order they were sent.
package struct QueryItems: Sendable, Equatable {
    /// One pair. The value is empty both for `name=` and for `name`.
    package struct Item: Sendable, Equatable {
        /// The decoded name.
        package let name: String
        /// The decoded value.
        package let value: String
    }

    /// All pairs, including repeated names.
    package let items: [Item]

    /// Parses a raw query, the part after the `?`. `+` is a space, as in HTML forms.
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

    /// The first value of `name`, or nil when it was not sent.
    package subscript(name: String) -> String? { items.first { $0.name == name }?.value }

    /// All values of `name`, in order.
    package func values(of name: String) -> [String] { items.filter { $0.name == name }.map(\.value) }

    private static func decode(_ text: some StringProtocol) -> String {
        guard text.utf8.contains(UInt8(ascii: "+")) else { return String(percentDecoding: text) }
        return String(percentDecoding: String(text.map { $0 == "+" ? " " : $0 }))
    }
}
