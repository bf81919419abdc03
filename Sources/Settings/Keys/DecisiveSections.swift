/// The sections that say who is let in, and what is served.
///
/// A key that is not known, and was meant for one of them, is refused: without it the server would be open where it was
/// to be closed, or serve something else.
enum DecisiveSections {
    private static let names = [
        "auth", "access", "access-groups", "http.tls", "storage", "proxy", "middleware", "legacy",
    ]

    /// Whether a key, by its whole name, is one of them or in one of them.
    static func hold(_ key: String) -> Bool { names.contains { key == $0 || key.hasPrefix($0 + ".") } }

    /// Whether a key is, by its name in variables, without the prefix.
    static func holdVariable(_ name: String) -> Bool {
        names.map { $0.uppercased().replacing(".", with: "_").replacing("-", with: "") }
            .contains { name == $0 || name.hasPrefix($0 + "_") }
    }
}
