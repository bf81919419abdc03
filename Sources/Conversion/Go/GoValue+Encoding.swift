import ImageModel

extension GoValue {
    /// Whether a field with `omitempty` is omitted; never true for a struct or a time.
    var isEmpty: Bool {
        switch self {
        case .string(let string): string.isEmpty
        case .boolean(let boolean): !boolean
        case .integer(let integer): integer == 0
        case .integerPointer(let integer): integer == nil
        case .time, .record: false
        case .strings(let strings), .words(let strings): strings.elements?.isEmpty ?? true
        case .labels(let labels): labels?.isEmpty ?? true
        case .set(let set): set?.isEmpty ?? true
        case .recordPointer(let record, _): record == nil
        }
    }

    /// Writes the value like `json.Marshal` does.
    func write(to writer: inout JSONWriter) {
        switch self {
        case .string(let string): writer.string(string)
        case .boolean(let boolean): writer.boolean(boolean)
        case .integer(let integer), .integerPointer(let integer?): writer.integer(integer)
        case .time(let time): writer.string(time.description)
        case .strings(let strings), .words(let strings):
            guard let elements = strings.elements else { return writer.null() }
            writer.array { writer in
                for element in elements { writer.string(element) }
            }
        case .labels(let labels?):
            writer.object { writer in
                for (key, text) in labels.sorted(by: { $0.key < $1.key }) {
                    writer.key(key.text)
                    writer.string(text)
                }
            }
        case .set(let set?):
            writer.object { writer in
                for key in set.sorted() {
                    writer.key(key.text)
                    writer.object { _ in }
                }
            }
        case .record(let record), .recordPointer(let record?, _): record.write(to: &writer)
        case .integerPointer(nil), .labels(nil), .set(nil), .recordPointer(nil, _): writer.null()
        }
    }
}
