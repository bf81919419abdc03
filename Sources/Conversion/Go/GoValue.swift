import ImageModel

/// A field of a Go struct: its type, and the value that it has before and after JSON was read into it.
///
/// The rules are those of `encoding/json`, and for times those of Go 1.19: `null` sets what can be nil and leaves the
/// rest alone; maps and structs are merged when a key comes twice; the rest is replaced.
indirect enum GoValue: Sendable {
    /// `string`.
    case string(String)
    /// `bool`.
    case boolean(Bool)
    /// `int64`, `int` and `time.Duration`.
    case integer(Int64)
    /// `*int`.
    case integerPointer(Int64?)
    /// `time.Time`.
    case time(GoTime)
    /// `[]string`.
    case strings(GoStrings)
    /// Docker's `strslice.StrSlice`.
    case words(GoStrings)
    /// `map[string]string`.
    case labels([GoKey: String]?)
    /// `map[string]struct{}`.
    case set(Set<GoKey>?)
    /// A struct.
    case record(GoRecord)
    /// A pointer to a struct, and the struct that a first object is read into.
    case recordPointer(GoRecord?, new: GoRecord)

    /// Reads `json` into the value.
    mutating func assign(_ json: JSONText, at path: String) throws(GoTypeMismatch) {
        switch self {
        case .string:
            guard !json.isNull else { return }
            guard let string = json.string else { throw GoTypeMismatch(at: path, expected: "a string", found: json) }
            self = .string(string)
        case .boolean:
            guard !json.isNull else { return }
            guard let boolean = json.boolean else {
                throw GoTypeMismatch(at: path, expected: "true or false", found: json)
            }
            self = .boolean(boolean)
        case .integer:
            guard !json.isNull else { return }
            self = .integer(try Self.integer(json, at: path))
        case .integerPointer:
            self = .integerPointer(json.isNull ? nil : try Self.integer(json, at: path))
        case .time:
            guard !json.isNull else { return }
            guard let time = GoTime(parsing: json.bytes) else {
                throw GoTypeMismatch(at: path, expected: "a time of RFC 3339", found: json)
            }
            self = .time(time)
        case .strings(var strings):
            try strings.assign(json, at: path)
            self = .strings(strings)
        case .words(var words):
            try words.assignWords(json, at: path)
            self = .words(words)
        case .labels(let labels): self = .labels(try Self.merged(labels, json, at: path))
        case .set(let set): self = .set(try Self.merged(set, json, at: path))
        case .record(var record):
            guard !json.isNull else { return }
            try record.assign(json, at: path)
            self = .record(record)
        case .recordPointer(let old, let new):
            guard !json.isNull else { return self = .recordPointer(nil, new: new) }
            var record = old ?? new
            try record.assign(json, at: path)
            self = .recordPointer(record, new: new)
        }
    }

    private static func integer(_ json: JSONText, at path: String) throws(GoTypeMismatch) -> Int64 {
        guard let integer = json.integer else { throw GoTypeMismatch(at: path, expected: "an integer", found: json) }
        return integer
    }

    private static func merged(
        _ old: [GoKey: String]?,
        _ json: JSONText,
        at path: String
    ) throws(GoTypeMismatch) -> [GoKey: String]? {
        guard !json.isNull else { return nil }
        guard let members = json.members else {
            throw GoTypeMismatch(at: path, expected: "an object of strings", found: json)
        }
        var labels = old ?? [:]
        for member in members {
            guard let text = member.value.isNull ? "" : member.value.string else {
                throw GoTypeMismatch(at: "\(path).\(member.key)", expected: "a string", found: member.value)
            }
            labels[GoKey(member.key)] = text
        }
        return labels
    }

    private static func merged(
        _ old: Set<GoKey>?,
        _ json: JSONText,
        at path: String
    ) throws(GoTypeMismatch) -> Set<GoKey>? {
        guard !json.isNull else { return nil }
        guard let members = json.members else { throw GoTypeMismatch(at: path, expected: "an object", found: json) }
        var set = old ?? []
        for member in members {
            guard member.value.isObject || member.value.isNull else {
                throw GoTypeMismatch(at: "\(path).\(member.key)", expected: "an object", found: member.value)
            }
            set.insert(GoKey(member.key))
        }
        return set
    }
}
