import Conversion
import ImageModel
import Storage
import SystemLibraries
import Testing

@testable import RegistryCore

/// What errors become on their way out of the core.
@Suite struct FailureTests {
    struct Broken: Error, Equatable {}

    static let key = ObjectKey.root.appending("a")
    static let digest = Digest(.sha256, of: [])

    @Test(
        "every error leaves the core as one of the registry's own",
        arguments: [
            (RegistryError.readOnly, .readOnly),
            (StorageError.full(key, reason: "x"), .storage(.full(key, reason: "x"))),
            (CancellationError(), .cancelled),
            (Broken(), .foreign(ForeignError(error: Broken()))),
        ] as [(any Error, RegistryError)]
    )
    func translated(error: any Error, expected: RegistryError) async {
        #expect(RegistryError(error) == expected)
        await #expect(throws: expected) { try await RegistryError.translating { throw error } }
    }

    @Test(
        "what a form was not made for decides whether another one is tried, and what the client is told",
        arguments: [
            (UnderivableManifest.noImages, true, "unknown: the list has no images"),
            (
                UnderivableManifest.unusableConfiguration(digest, reason: "it is not here"), true,
                "unknown: its configuration \(digest) cannot be used: it is not here"
            ),
            (
                UnreadableLayer(digest: digest, reason: "it is not here"), true,
                "unknown: \(UnreadableLayer(digest: digest, reason: "it is not here"))"
            ),
            (StorageError.readOnly(key), true, "unknown: \(RegistryError.readOnlyReason)"),
            (RegistryError.manifestUnknown(reference: "b", reason: "gone"), true, "unknown: gone"),
            (StorageError.full(key, reason: "x"), false, "unavailable: \(RegistryError.memoryReason)"),
            (StorageError.failing(key, reason: "EIO"), false, "\(StorageError.failing(key, reason: "EIO"))"),
            (RegistryError.unavailable(reason: "later"), false, "unavailable: later"),
            (CancellationError(), false, "cancelled"),
        ] as [(any Error, Bool, String)]
    )
    func forms(error: any Error, isOfOneForm: Bool, answer: String) throws {
        let failure = FormFailure(error)
        #expect(failure.isOfOneForm == isOfOneForm)
        let refusal = failure.refusal(of: .tag(try Tag(parsing: "latest")), isReadOnly: true)
        let text =
            switch refusal {
            case .manifestUnknown(_, let reason): "unknown: \(reason ?? "")"
            case .unavailable(let reason): "unavailable: \(reason)"
            case .storage(let error): "\(error)"
            default: "\(refusal)"
            }
        #expect(text == answer)
    }

    @Test("a full disk is no full memory")
    func fullDisk() throws {
        let error = StorageError.full(Self.key, reason: "x")
        let refusal = FormFailure(error).refusal(of: .digest(Self.digest), isReadOnly: false)
        #expect(refusal == .storage(error))
    }

    @Test(
        "an entry that may be put right names the object that would change",
        arguments: [
            UnderivableManifest.unusableConfiguration(digest, reason: ""), UnreadableLayer(digest: digest, reason: ""),
        ] as [any Error]
    )
    func damaged(error: any Error) {
        guard case .damaged(_, let objects) = FormFailure(error) else {
            Issue.record("\(error) is no damage")
            return
        }
        #expect(objects == [V2Layout.blobData(Self.digest)])
    }
}
