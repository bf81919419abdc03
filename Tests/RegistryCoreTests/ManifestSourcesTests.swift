import ImageModel
import NIOCore
import Storage
import Synchronization
import SystemLibraries
import Testing

@testable import RegistryCore

/// The chain of sources, with sources that say what a test wants of them.
@Suite struct ManifestSourcesTests {
    enum Answer: Sendable {
        case has(String)
        case lacks(String?)
        case fails
    }

    final class Asked: Sendable {
        let sources = Mutex<[Int]>([])
    }

    struct Source: ManifestSource {
        let number: Int
        let answer: Answer
        let asked: Asked

        func find(_ pull: ManifestPull) async throws -> ManifestFinding {
            asked.sources.withLock { $0.append(number) }
            switch answer {
            case .has(let text):
                let bytes = Array(text.utf8)
                let digest = Digest(.sha256, of: bytes)
                return .found(ServedManifest(bytes, mediaType: .schema2, digest: digest, in: pull.name))
            case .lacks(let reason): return .absent(reason: reason)
            case .fails: throw RegistryError.unavailable(reason: "upstream")
            }
        }
    }

    @Test(
        "asks in order, believes the first that has it, stops at one that fails, and tells the last reason",
        arguments: [
            ([.has("a"), .has("b")], "a", 1),
            ([.lacks(nil), .has("b"), .fails], "b", 2),
            ([.lacks("damaged"), .has("b")], "b", 2),
            ([.lacks("damaged"), .lacks(nil)], "manifestUnknown(damaged)", 2),
            ([.lacks("damaged"), .lacks("too old")], "manifestUnknown(too old)", 2),
            ([.lacks(nil), .lacks(nil)], "manifestUnknown(-)", 2),
            ([.lacks(nil), .fails, .has("c")], "unavailable", 2),
            ([], "manifestUnknown(-)", 0),
        ] as [([Answer], String, Int)]
    )
    func order(answers: [Answer], result: String, count: Int) async throws {
        let asked = Asked()
        let sources = ManifestSources(
            answers.enumerated().map { Source(number: $0.offset, answer: $0.element, asked: asked) }
        )
        let pull = ManifestPull(
            reference: .tag(try Tag(parsing: "latest")),
            name: try RepositoryName(parsing: "app")
        )
        let found: String
        do {
            found = String(buffer: try await sources.manifest(pull).content)
        } catch RegistryError.manifestUnknown("latest", let reason) {
            found = "manifestUnknown(\(reason ?? "-"))"
        } catch RegistryError.unavailable {
            found = "unavailable"
        }
        #expect(found == result)
        #expect(asked.sources.withLock(\.self) == Array(0..<count))
    }

    @Test(
        "a refusal by a source is an absence, with its reason",
        arguments: [
            (RegistryError.manifestUnknown(reference: "latest", reason: nil), nil),
            (RegistryError.manifestUnknown(reference: "latest", reason: "damaged"), "damaged"),
            (
                RegistryError.manifestUnknown(reference: "sha256:1", reason: nil),
                "it points to sha256:1, which is not in this repository"
            ),
        ] as [(RegistryError, String?)]
    )
    func absence(refusal: RegistryError, reason: String?) async throws {
        let pull = ManifestPull(
            reference: .tag(try Tag(parsing: "latest")),
            name: try RepositoryName(parsing: "app")
        )
        guard case .absent(let why) = try await pull.finding({ throw refusal }) else {
            Issue.record("a refusal is no finding")
            return
        }
        #expect(why == reason)
    }
}
