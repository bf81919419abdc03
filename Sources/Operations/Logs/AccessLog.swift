import HTTPTypes
import Logging
import RegistryCore
package import RegistryHTTP

/// Logs a line for each request. It contains no credentials.
package struct AccessLog: RequestObserver {
    /// The form of a line.
    package enum Style: String, Sendable {
        /// As all other lines of the log.
        case fields
        /// Apache's combined format, on standard output: as registry:2's.
        case combined
    }

    private let output: LogOutput
    private let style: Style
    private let combinedWriter: LineWriter

    package init(_ style: Style, _ output: LogOutput, combined writer: LineWriter = .standardOutput) {
        self.output = output
        self.style = style
        combinedWriter = writer
    }

    package func requestEnded(_ record: RequestRecord) {
        switch style {
        case .fields:
            guard output.level <= .info else { return }
            output.write(line(record, at: WallClock.now))
        case .combined:
            combinedWriter.write(CombinedLog.bytes(of: record, at: WallClock.now))
        }
    }

    package func requestWasMalformed(_ reason: String, from address: String?) {
        guard output.level <= .info else { return }
        let fields = [LogLine.Field("error", reason), .client(address ?? "")]
        output.write(LogLine(at: WallClock.now, .info, "malformed request", fields))
    }

    /// The line of a request.
    ///
    /// - Parameter time: Nanoseconds since 1970.
    func line(_ record: RequestRecord, at time: Int64) -> LogLine {
        let request = record.request
        var fields: [LogLine.Field] = []
        fields.reserveCapacity(12)
        fields.append(LogLine.Field("method", json: "http.request.method", request.method.rawValue))
        fields.append(LogLine.Field("path", json: "http.request.uri", request.target))
        fields.append(LogLine.Field("status", json: "http.response.status", .integer(Int64(record.status))))
        fields.append(LogLine.Field("bytes", json: "http.response.written", .integer(record.byteCount)))
        if !record.isComplete { fields.append(LogLine.Field("incomplete", "true")) }
        fields.append(LogLine.Field("duration", json: "http.response.duration", .duration(record.duration)))
        if let user = record.user { fields.append(.user(user)) }
        fields.append(.client(request.clientAddress ?? ""))
        if let agent = record.agent { fields.append(.agent(agent)) }
        fields.append(.requestID(request.context.id))
        fields.append(LogLine.Field("host", json: "http.request.host", request.host ?? ""))
        if let type = record.headers[.contentType] {
            fields.append(LogLine.Field("type", json: "http.response.contenttype", type))
        }
        return LogLine(at: time, .info, "response completed", fields)
    }
}

/// Apache's combined log format: https://httpd.apache.org/docs/2.4/logs.html#combined
enum CombinedLog {
    /// The bytes of a request's line, with its end.
    ///
    /// - Parameter time: Nanoseconds since 1970.
    static func bytes(of record: RequestRecord, at time: Int64) -> [UInt8] {
        let request = record.request
        var bytes: [UInt8] = []
        bytes.reserveCapacity(256)
        bytes.append(contentsOf: (request.clientAddress ?? "-").utf8)
        bytes.append(contentsOf: " - ".utf8)
        append(record.user ?? "-", escaping: [0x20], to: &bytes)
        bytes.append(contentsOf: " [".utf8)
        LogTime.appendCombined(time, to: &bytes)
        bytes.append(contentsOf: "] \"\(request.method.rawValue) ".utf8)
        append(request.target, to: &bytes)
        bytes.append(contentsOf: " \(request.version)\" \(record.status) \(record.byteCount) \"".utf8)
        append(request.headers[.referer] ?? "", to: &bytes)
        bytes.append(contentsOf: "\" \"".utf8)
        append(record.agent ?? "", to: &bytes)
        bytes.append(contentsOf: "\"\n".utf8)
        return bytes
    }

    /// Appends a client's words, with what would end the line or the quotes escaped.
    private static func append(_ text: String, escaping others: [UInt8] = [], to bytes: inout [UInt8]) {
        for byte in text.utf8 {
            if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") {
                bytes.append(UInt8(ascii: "\\"))
                bytes.append(byte)
            } else if byte < 0x20 || byte >= 0x7F || others.contains(byte) {
                bytes.append(contentsOf: "\\x".utf8)
                bytes.append(contentsOf: (byte < 16 ? "0" : "").utf8)
                bytes.append(contentsOf: String(byte, radix: 16).utf8)
            } else {
                bytes.append(byte)
            }
        }
    }
}
