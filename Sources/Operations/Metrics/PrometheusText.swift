/// The labels of a series, in the order of their names.
struct MetricLabels: Hashable, Comparable, Sendable {
    /// In the text format, without braces.
    let text: String

    /// - Parameter pairs: Names and values; names must be valid.
    init(_ pairs: [(String, String)]) {
        text = pairs.sorted { $0.0 < $1.0 }.map { "\($0.0)=\"\(PrometheusText.escaped($0.1))\"" }.joined(separator: ",")
    }

    private init(text: String) { self.text = text }

    /// The labels, with one more at the end, which is where `le` stands by convention.
    func adding(_ name: String, _ value: String) -> MetricLabels {
        MetricLabels(text: text + (text.isEmpty ? "" : ",") + "\(name)=\"\(PrometheusText.escaped(value))\"")
    }

    static func < (left: MetricLabels, right: MetricLabels) -> Bool { left.text < right.text }
}

/// A page of metrics in Prometheus's text format, version 0.0.4.
///
/// https://prometheus.io/docs/instrumenting/exposition_formats/
struct PrometheusText {
    /// The media type.
    static let mediaType = "text/plain; version=0.0.4; charset=utf-8"

    /// The page so far.
    private(set) var text = ""

    /// Begins a metric.
    mutating func begin(_ family: MetricFamily) {
        let help = family.help.replacing("\\", with: "\\\\").replacing("\n", with: "\\n")
        text += "# HELP \(family.name) \(help)\n# TYPE \(family.name) \(family.kind.name)\n"
    }

    /// Appends a sample.
    mutating func sample(_ name: String, _ labels: MetricLabels, _ value: Double) {
        text += name
        if !labels.text.isEmpty { text += "{\(labels.text)}" }
        text += " \(Self.number(value))\n"
    }

    /// A label's value with what the format gives another meaning escaped.
    static func escaped(_ value: String) -> String {
        value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
    }

    /// A number as Go writes it: `0.005`, `524288`, `1.048576e+06`. Bucket bounds are compared as text.
    static func number(_ value: Double) -> String {
        guard value.isFinite else { return value.isNaN ? "NaN" : value < 0 ? "-Inf" : "+Inf" }
        let magnitude = value.magnitude
        guard value == value.rounded(.towardZero), magnitude < 9e15 else { return value.description }
        let integer = Int64(value)
        guard magnitude >= 1e6 else { return String(integer) }
        let digits = String(integer.magnitude)
        let exponent = digits.count - 1
        var fraction = Substring(digits.dropFirst())
        while fraction.last == "0" { fraction = fraction.dropLast() }
        let sign = value < 0 ? "-" : ""
        let mantissa = fraction.isEmpty ? String(digits.prefix(1)) : "\(digits.prefix(1)).\(fraction)"
        return "\(sign)\(mantissa)e+\(exponent < 10 ? "0" : "")\(exponent)"
    }
}
