/// What foreign bytes are given to: a parser, and what must be true of everything that comes out of it.
package struct FuzzTarget: Sendable {
    /// How an input is tried.
    package enum Trial: Sendable {
        /// By calls that return at once.
        case immediate(@Sendable ([UInt8]) throws -> Void)
        /// By calls that wait.
        case waiting(@Sendable ([UInt8]) async throws -> Void)
    }

    /// Its name, which is also the name of its folder of seeds in `testdata/fuzz`.
    package let name: String
    /// How an input is tried: ends without a crash, and throws ``FuzzFinding`` when a property does not hold.
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

/// A property that does not hold for an input.
package struct FuzzFinding: Error, CustomStringConvertible {
    /// What does not hold.
    package let description: String
}

/// Reports a finding unless `condition` holds.
func require(_ condition: @autoclosure () throws -> Bool, _ property: String) throws {
    guard try condition() else { throw FuzzFinding(description: property) }
}
