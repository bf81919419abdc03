/// Writes JSON in a given style, piece by piece; separators are added automatically.
///
/// The caller is responsible for the grammar: a value after every key, and every object and array closed.
package struct JSONWriter: Sendable {
    /// The output so far.
    package private(set) var bytes: [UInt8] = []
    private let style: JSONStyle
    private var depth = 0
    /// Whether the next key or element needs a separator.
    private var needsSeparator = false
    /// Whether the next value follows its key.
    private var followsKey = false

    /// Begins an empty document.
    package init(_ style: JSONStyle) {
        self.style = style
    }

    /// Writes an object whose members `body` writes.
    package mutating func object(_ body: (inout JSONWriter) -> Void) {
        container("{", "}", body)
    }

    /// Writes an array whose elements `body` writes.
    package mutating func array(_ body: (inout JSONWriter) -> Void) {
        container("[", "]", body)
    }

    /// Writes a key; its value must follow.
    package mutating func key(_ key: String) {
        separate()
        style.append(key, to: &bytes)
        bytes.append(contentsOf: style.keySeparator.utf8)
        followsKey = true
    }

    /// Writes a string.
    package mutating func string(_ string: String) {
        separate()
        style.append(string, to: &bytes)
        needsSeparator = true
    }

    /// Writes a value that already is JSON: a number, a literal, or bytes to be kept verbatim.
    package mutating func raw(_ value: some Sequence<UInt8>) {
        separate()
        bytes.append(contentsOf: value)
        needsSeparator = true
    }

    /// Writes an integer.
    package mutating func integer(_ integer: Int64) {
        raw(String(integer).utf8)
    }

    /// Writes `true` or `false`.
    package mutating func boolean(_ boolean: Bool) {
        raw(boolean ? "true".utf8 : "false".utf8)
    }

    /// Writes `null`.
    package mutating func null() {
        raw("null".utf8)
    }

    private mutating func container(_ opening: Character, _ closing: Character, _ body: (inout JSONWriter) -> Void) {
        separate()
        bytes.append(contentsOf: opening.utf8)
        needsSeparator = false
        depth += 1
        body(&self)
        depth -= 1
        if needsSeparator { breakLine() }
        bytes.append(contentsOf: closing.utf8)
        needsSeparator = true
    }

    private mutating func separate() {
        guard !followsKey else {
            followsKey = false
            return
        }
        if needsSeparator { bytes.append(contentsOf: style.itemSeparator.utf8) }
        needsSeparator = false
        if depth > 0 { breakLine() }
    }

    private mutating func breakLine() {
        guard let indentation = style.indentation else { return }
        bytes.append(UInt8(ascii: "\n"))
        for _ in 0..<depth { bytes.append(contentsOf: indentation.utf8) }
    }
}
