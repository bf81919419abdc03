import Foundation
import Testing

/// docker-registry 0.9.1, the registry in Python with only v1.
enum PythonRegistry {
    /// The Python of an environment that contains it: `DOCKER_REGISTRY_PYTHON`, set by `.ci/run --full`.
    static let python = ProcessInfo.processInfo.environment["DOCKER_REGISTRY_PYTHON"]

    /// Runs `body` while it serves `root` on a free port, as its operators ran it.
    ///
    /// Its client retries when a connection is reset, as this server occasionally does without a response.
    static func serve<Value>(_ root: String, _ body: (_ client: V1Curl) async throws -> Value) async throws -> Value {
        guard let python else { throw AbsentProgram(name: "docker-registry 0.9.1") }
        return try await withTemporaryDirectory { directory in
            // It leaves a lock in its working directory.
            let command = """
                cd '\(directory.path)' && exec '\(python)' -c 'from gunicorn.app.wsgiapp import run; run()' \
                --log-file - --bind 127.0.0.1:0 --workers 2 --worker-class gevent docker_registry.wsgi:application
                """
            let environment = [
                "DOCKER_REGISTRY_CONFIG": "config_sample.yml", "SETTINGS_FLAVOR": "local", "STORAGE_PATH": root,
                "SEARCH_BACKEND": "sqlalchemy",
                "SQLALCHEMY_INDEX_DATABASE": "sqlite:///\(directory.path("search.db"))",
            ]
            let running = try RunningProgram(Program("bash"), ["-c", command], environment: environment)
            defer { running.discard() }
            let port = try await running.waitForOutput { text in
                text.firstMatch(of: /Listening at: http:\/\/127\.0\.0\.1:(\d+)/).map { String($0.1) }
            }
            let retries = ["--retry", "9", "--retry-all-errors", "--retry-delay", "1"]
            let value = try await body(V1Curl(host: "127.0.0.1:\(port)", options: retries))
            try await running.stop()
            return value
        }
    }
}

extension Trait where Self == ConditionTrait {
    /// The test belongs to the full run, on a machine with a Python of that time.
    static var needsPythonRegistry: Self {
        .enabled(if: PythonRegistry.python != nil, "docker-registry 0.9.1 is not here: .ci/run --full installs it")
    }
}
