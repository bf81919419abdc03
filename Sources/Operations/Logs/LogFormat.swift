import ImageModel
import RegistryCore

/// How log lines are written: `log.formatter`.
package enum LogFormat: String, Sendable {
    /// logfmt: names and values, quoted where they need it.
    case text
    /// A JSON object for each line, with registry:2's names.
    case json
    /// The same with the names that Logstash expects.
    case logstash

    /// The bytes of a line, with its end.
    ///
    /// - Parameter more: The operator's own fields, which come last.
    package func bytes(of line: LogLine, adding more: [LogLine.Field] = []) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(384)
        switch self {
        case .text: appendText(of: line, more, to: &bytes)
        case .json: appendJSON(of: line, more, ("time", "level", "msg"), to: &bytes)
        case .logstash: appendJSON(of: line, more, ("@timestamp", "level", "message"), to: &bytes)
        }
        bytes.append(UInt8(ascii: "\n"))
        return bytes
    }

    private func appendText(of line: LogLine, _ more: [LogLine.Field], to bytes: inout [UInt8]) {
        bytes.append(contentsOf: "time=".utf8)
        LogTime.append(line.time, to: &bytes)
        bytes.append(contentsOf: " level=".utf8)
        bytes.append(contentsOf: line.level.registryName.utf8)
        bytes.append(contentsOf: " msg=".utf8)
        Self.appendLogfmt(line.message, to: &bytes)
        for fields in [line.fields, more] {
            for field in fields {
                bytes.append(UInt8(ascii: " "))
                Self.appendKey(field.name, to: &bytes)
                bytes.append(UInt8(ascii: "="))
                switch field.value {
                case .text(let text): Self.appendLogfmt(text, to: &bytes)
                case .integer(let number): bytes.append(contentsOf: String(number).utf8)
                case .duration(let duration):
                    let microseconds = duration.nanoseconds / 1000
                    Self.append(microseconds, dividedBy: 1000, digits: 3, to: &bytes)
                    bytes.append(contentsOf: "ms".utf8)
                }
            }
        }
    }

    private func appendJSON(
        of line: LogLine,
        _ more: [LogLine.Field],
        _ names: (time: String, level: String, message: String),
        to bytes: inout [UInt8]
    ) {
        bytes.append(contentsOf: #"{"\#(names.time)":""#.utf8)
        LogTime.append(line.time, to: &bytes)
        bytes.append(contentsOf: #"","\#(names.level)":"\#(line.level.registryName)","\#(names.message)":"#.utf8)
        Self.appendJSON(line.message, to: &bytes)
        if self == .logstash { bytes.append(contentsOf: #","@version":"1""#.utf8) }
        for fields in [line.fields, more] {
            for field in fields {
                bytes.append(UInt8(ascii: ","))
                Self.appendJSON(field.jsonName, to: &bytes)
                bytes.append(UInt8(ascii: ":"))
                switch field.value {
                case .text(let text): Self.appendJSON(text, to: &bytes)
                case .integer(let number): bytes.append(contentsOf: String(number).utf8)
                case .duration(let duration):
                    Self.append(duration.nanoseconds / 1000, dividedBy: 1_000_000, digits: 6, to: &bytes)
                }
            }
        }
        bytes.append(UInt8(ascii: "}"))
    }

    /// Appends a decimal fraction.
    private static func append(_ number: Int64, dividedBy unit: Int64, digits: Int, to bytes: inout [UInt8]) {
        let number = max(0, number)
        bytes.append(contentsOf: String(number / unit).utf8)
        bytes.append(UInt8(ascii: "."))
        LogTime.append(Int(number % unit), digits: digits, to: &bytes)
    }

    private static func appendKey(_ name: String, to bytes: inout [UInt8]) {
        for byte in name.utf8 {
            // A name with a space or a quote would break the line into other fields.
            bytes.append(
                byte > 0x20 && byte < 0x7F && byte != UInt8(ascii: "=") && byte != UInt8(ascii: "\"") ? byte : 0x5F
            )
        }
    }

    /// Appends a value, in quotes unless it consists of characters that mean nothing in logfmt.
    private static func appendLogfmt(_ text: String, to bytes: inout [UInt8]) {
        let isPlain = text.utf8.allSatisfy { byte in
            byte > 0x20 && byte < 0x7F && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "=")
                && byte != UInt8(ascii: "\\")
        }
        if isPlain, !text.isEmpty { bytes.append(contentsOf: text.utf8) } else { appendJSON(text, to: &bytes) }
    }

    /// Appends a string in quotes. What a terminal does not show where it stands is escaped too: it could hide or
    /// reverse the rest of the line.
    private static func appendJSON(_ text: String, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        if text.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }) {
            bytes.append(contentsOf: text.utf8)
        } else {
            for scalar in text.unicodeScalars { append(scalar, to: &bytes) }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private static func append(_ scalar: Unicode.Scalar, to bytes: inout [UInt8]) {
        switch scalar {
        case "\"", "\\":
            bytes.append(UInt8(ascii: "\\"))
            bytes.append(UInt8(ascii: scalar))
        case "\n": bytes.append(contentsOf: #"\n"#.utf8)
        case "\t": bytes.append(contentsOf: #"\t"#.utf8)
        default:
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned:
                for unit in UTF16.encode(scalar).map(Array.init) ?? [] {
                    bytes.append(contentsOf: "\\u".utf8)
                    bytes.append(contentsOf: String(lowercaseHexOf: [UInt8(unit >> 8), UInt8(unit & 0xFF)]).utf8)
                }
            default: bytes.append(contentsOf: UTF8.encode(scalar).map(Array.init) ?? [])
            }
        }
    }
}
