import ImageModel

/// The type and value of a field of a Go struct.
///
/// Reading follows `encoding/json` (for times Go 1.19): `null` resets nilable values and leaves others unchanged; maps
/// and structs are merged if a key is repeated; everything else is replaced.
enum GoValue: Sendable {
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
    /// A pointer to a struct, and the initial struct for the first object read.
    case recordPointer(GoRecord?, new: GoRecord)

    /// Reads `json` into the value.
    ///
    /// Mutable parts are taken out of the value first: copying them for each of a hundred thousand repeated keys would
    /// take hours. After an error the value must not be used.
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
                throw GoTypeMismatch(at: path, expected: "an RFC 3339 time", found: json)
            }
            self = .time(time)
        case .strings(var strings):
            self = .strings(GoStrings())
            try strings.assign(json, at: path)
            self = .strings(strings)
        case .words(var words):
            try words.assignWords(json, at: path)
            self = .words(words)
        case .labels(var labels):
            self = .labels(nil)
            try Self.merge(json, into: &labels, at: path)
            self = .labels(labels)
        case .set(var set):
            self = .set(nil)
            try Self.merge(json, into: &set, at: path)
            self = .set(set)
        case .record(var record):
            guard !json.isNull else { return }
            self = .boolean(false)
            try record.assign(json, at: path)
            self = .record(record)
        case .recordPointer(var record, let new):
            guard !json.isNull else { return self = .recordPointer(nil, new: new) }
            self = .boolean(false)
            if record == nil { record = new }
            try record?.assign(json, at: path)
            self = .recordPointer(record, new: new)
        }
    }

    private static func integer(_ json: JSONText, at path: String) throws(GoTypeMismatch) -> Int64 {
        guard let integer = json.integer else { throw GoTypeMismatch(at: path, expected: "an integer", found: json) }
        return integer
    }

    private static func merge(
        _ json: JSONText,
        into labels: inout [GoKey: String]?,
        at path: String
    ) throws(GoTypeMismatch) {
        guard !json.isNull else { return labels = nil }
        guard let members = json.members else {
            throw GoTypeMismatch(at: path, expected: "an object of strings", found: json)
        }
        if labels == nil { labels = [:] }
        for member in members {
            guard let text = member.value.isNull ? "" : member.value.string else {
                throw GoTypeMismatch(at: "\(path).\(member.key)", expected: "a string", found: member.value)
            }
            labels?[GoKey(member.key)] = text
        }
    }

    private static func merge(
        _ json: JSONText,
        into set: inout Set<GoKey>?,
        at path: String
    ) throws(GoTypeMismatch) {
        guard !json.isNull else { return set = nil }
        guard let members = json.members else { throw GoTypeMismatch(at: path, expected: "an object", found: json) }
        if set == nil { set = [] }
        for member in members {
            guard member.value.isObject || member.value.isNull else {
                throw GoTypeMismatch(at: "\(path).\(member.key)", expected: "an object", found: member.value)
            }
            set?.insert(GoKey(member.key))
        }
    }
}
