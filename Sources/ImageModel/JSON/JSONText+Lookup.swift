/// Access to members and elements one at a time: a list of all of them may take thirty times the text's memory.
extension JSONText {
    /// The value of the last member whose key has exactly these bytes; nil if there is none, or this is not an object.
    package subscript(key: String) -> JSONText? {
        lastValue { content in
            content.isPlainKey
                ? content.elementsEqual(key.utf8) : String(unquotingJSON: content).utf8.elementsEqual(key.utf8)
        }
    }

    /// The value of the last member whose lowercase key is `key`; nil if there is none, or this is not an object.
    ///
    /// - Parameter skipsNull: Whether members with the value `null` count as absent.
    package func member(folded key: String, skipsNull: Bool) -> JSONText? {
        lastValue(skipsNull: skipsNull) { content in
            content.isPlainKey
                ? content.elementsEqual(key.utf8, by: { $0.asciiLowercase == $1 })
                : String(unquotingJSON: content).lowercased() == key
        }
    }

    /// Calls `body` with each member of an object in written order; does nothing for other values.
    package func forEachMember<Failure: Error>(_ body: (Member) throws(Failure) -> Void) throws(Failure) {
        guard isObject else { return }
        var position = index + 1
        while position < token.next {
            let key = String(unquotingJSON: keyContent(at: position))
            try body(Member(key: key, value: JSONText(document, index: position + 1)))
            position = document.tokens[position + 1].next
        }
    }

    /// Calls `body` with each element of an array in written order; does nothing for other values.
    package func forEachElement<Failure: Error>(_ body: (JSONText) throws(Failure) -> Void) throws(Failure) {
        guard token.kind == .array else { return }
        var position = index + 1
        while position < token.next {
            try body(JSONText(document, index: position))
            position = document.tokens[position].next
        }
    }

    private func lastValue(skipsNull: Bool = false, where matches: (ArraySlice<UInt8>) -> Bool) -> JSONText? {
        guard isObject else { return nil }
        var found: Int?
        var position = index + 1
        while position < token.next {
            let value = document.tokens[position + 1]
            if !skipsNull || value.kind != .null, matches(keyContent(at: position)) { found = position + 1 }
            position = value.next
        }
        return found.map { JSONText(document, index: $0) }
    }

    /// The bytes between the quotation marks of a key.
    private func keyContent(at position: Int) -> ArraySlice<UInt8> {
        let key = document.tokens[position]
        return document.bytes[key.start + 1..<key.end - 1]
    }
}

extension ArraySlice<UInt8> {
    /// Whether these bytes of a key are ASCII without escapes.
    fileprivate var isPlainKey: Bool { allSatisfy { $0 < 0x80 && $0 != UInt8(ascii: "\\") } }
}

extension UInt8 {
    /// The ASCII lowercase letter; any other byte unchanged.
    fileprivate var asciiLowercase: UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(self) ? self | 0x20 : self
    }
}
