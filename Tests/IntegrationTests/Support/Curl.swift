import Foundation

/// One request, made with curl.
enum Curl {
    struct Answer: Sendable {
        let status: Int
        /// By lowercase name.
        let headers: [String: String]
        let body: Data

        var text: String { String(decoding: body, as: UTF8.self) }
    }

    /// Every manifest type that current clients accept.
    static let acceptsManifests = [
        "-H", "Accept: application/vnd.docker.distribution.manifest.v2+json",
        "-H", "Accept: application/vnd.oci.image.manifest.v1+json",
    ]

    static func request(_ url: String, _ arguments: [String] = []) async throws -> Answer {
        try await withTemporaryDirectory { directory in
            let files = ["-D", directory.path("headers"), "-o", try directory.write(Data(), to: "body")]
            let result = try await Program("curl").run(["-sS", "-w", "%{http_code}"] + files + arguments + [url])
            let headers = try String(contentsOfFile: directory.path("headers"), encoding: .utf8)
            return Answer(
                status: Int(try result.succeeded().text) ?? 0,
                headers: fields(headers),
                body: try Data(contentsOf: URL(filePath: directory.path("body")))
            )
        }
    }

    private static func fields(_ text: String) -> [String: String] {
        var fields: [String: String] = [:]
        for line in text.split(whereSeparator: \.isNewline) {
            guard let colon = line.firstIndex(of: ":") else { continue }
            fields[line[..<colon].lowercased()] = line[colon...].dropFirst().trimmingCharacters(in: .whitespaces)
        }
        return fields
    }
}
