/// The widely used client for pulling, pushing and inspecting.
enum Skopeo {
    static func copy(_ source: String, _ destination: String, _ options: [String] = []) async throws -> ProgramResult {
        let insecure = ["--src-tls-verify=false", "--dest-tls-verify=false"]
        return try await Program("skopeo").run(
            ["--insecure-policy", "copy"] + insecure + options + [source, destination]
        )
    }

    static func inspect(_ reference: String, _ options: [String] = []) async throws -> ProgramResult {
        try await Program("skopeo").run(["inspect", "--tls-verify=false"] + options + ["docker://\(reference)"])
    }
}
