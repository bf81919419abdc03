/// A parser of untrusted bytes, and the properties of its results.
package struct FuzzTarget: Sendable {
    /// How an input is tried.
    package enum Trial: Sendable {
        /// Synchronously.
        case immediate(@Sendable ([UInt8]) throws -> Void)
        /// Asynchronously.
        case waiting(@Sendable ([UInt8]) async throws -> Void)
    }

    /// Its name, and that of its seed folder in `testdata/fuzz`.
    package let name: String
    /// Tries an input: must return without crashing, and throws ``FuzzFinding`` when a property is violated.
    package let trial: Trial

    init(_ name: String, _ trial: @escaping @Sendable ([UInt8]) throws -> Void) {
        self.name = name
        self.trial = .immediate(trial)
    }

    init(waiting name: String, _ trial: @escaping @Sendable ([UInt8]) async throws -> Void) {
        self.name = name
        self.trial = .waiting(trial)
    }

    /// Tries one input.
    package func run(_ input: [UInt8]) async throws {
        switch trial {
        case .immediate(let trial): try trial(input)
        case .waiting(let trial): try await trial(input)
        }
    }

    /// Every target, by name.
    package static let all: [FuzzTarget] =
        [
            accept, access, addresses, archive, archiveManifest, chunk, configuration, exchange, goTime, headers,
            htpasswd,
            imageConfiguration, json, keys, layer, manifest, paths, pax, range, savedHash, schema1, tar, token, v1Files,
            v1Image,
        ].sorted { $0.name < $1.name } + decompression
}

/// A property that an input violates.
package struct FuzzFinding: Error, CustomStringConvertible {
    /// The violated property.
    package let description: String
}

/// Throws a finding unless `condition` is true.
func require(_ condition: @autoclosure () throws -> Bool, _ property: String) throws {
    guard try condition() else { throw FuzzFinding(description: property) }
}
