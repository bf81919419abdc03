/// Translates docker-registry's `cors` section into header fields.
///
/// docker-registry picked one of several origins for each request. `http.headers` is the same for every request, so it
/// holds a single origin, or `*`.
enum CrossOriginFields {
    /// Why `cors` cannot be expressed by fixed header fields.
    struct Fault: Error {
        let reason: String
    }

    /// The header field for each key.
    static let names = [
        "cors.methods": "Access-Control-Allow-Methods", "cors.headers": "Access-Control-Allow-Headers",
        "cors.expose_headers": "Access-Control-Expose-Headers", "cors.max_age": "Access-Control-Max-Age",
        "cors.supports_credentials": "Access-Control-Allow-Credentials",
    ]

    /// The header fields, sorted by name.
    static func fields(
        for origins: DockerRegistryValue,
        _ values: [String: DockerRegistryValue]
    ) -> Result<[(String, String)], Fault> {
        let texts = list(origins)
        guard texts.count == 1, let origin = texts.first, origin == "*" || !origin.contains(/[*^$()|\\+?\[\]]/) else {
            return .failure(Fault(reason: "http.headers can allow one origin, or '*', not several or a pattern"))
        }
        var fields = [
            "Access-Control-Allow-Origin": origin,
            "Access-Control-Allow-Methods": "GET, HEAD, POST, OPTIONS, PUT, PATCH, DELETE",
        ]
        for (key, name) in names {
            guard let value = values[key], !value.isOff else { continue }
            let isFlag = key == "cors.supports_credentials"
            fields[name] = isFlag ? "true" : list(value).joined(separator: ", ")
        }
        return .success(fields.sorted { $0.key < $1.key })
    }

    /// The elements of a list. In a variable it is YAML, `[a, b]`, or comma-separated text.
    private static func list(_ value: DockerRegistryValue) -> [String] {
        guard case .text(let text) = value.entry.content else { return value.entry.texts }
        return text.split(whereSeparator: { ",[] \"'".contains($0) }).map(String.init)
    }
}
