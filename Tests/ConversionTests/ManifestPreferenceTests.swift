import Conversion
import ImageModel
import Testing

@Suite("The manifest for a client that requests it by tag")
struct ManifestPreferenceTests {
    private static let schema1 = MediaType.schema1Signed.description
    private static let schema2 = MediaType.schema2.description
    private static let list = MediaType.manifestList.description
    private static let oci = MediaType.ociManifest.description
    private static let index = MediaType.ociIndex.description

    /// The headers that clients send.
    enum Client: String, CaseIterable {
        case docker19, docker112, docker1903, docker2010, docker28, docker29, ociAlone, curl

        var accept: [String] {
            switch self {
            case .docker19, .curl: []
            case .docker112: [list, schema1, "application/json", schema2]
            case .docker1903: [schema2, schema1, "application/json", list, index]
            case .docker2010: [schema2, schema1, "application/json", list, index, oci]
            case .docker28: ["\(schema2), \(list), \(oci), \(index)"]
            case .docker29: ["\(schema2), \(list), \(oci), \(index), */*"]
            case .ociAlone: ["\(oci), \(index)"]
            }
        }
    }

    @Test(
        "is the stored one if the client accepts it, else the nearest form that it accepts",
        arguments: [
            (.schema1, [.docker19, .curl], [.asStored]),
            (.schema1, [.docker112, .docker1903], [.image(.docker), .asStored]),
            (.schema1, [.docker2010], [.image(.docker), .image(.oci), .asStored]),
            (.schema1, [.docker28], [.image(.docker), .image(.oci)]),
            (.schema1, [.docker29], [.image(.docker), .image(.oci), .asStored]),
            (.schema1, [.ociAlone], [.image(.oci)]),
            (.schema2, [.docker19], [.schema1]),
            (.schema2, [.docker112, .docker1903, .docker2010, .docker28, .docker29, .curl], [.asStored]),
            (.schema2, [.ociAlone], [.image(.oci)]),
            (.ociManifest, [.docker19], [.schema1]),
            (.ociManifest, [.docker112, .docker1903], [.image(.docker), .schema1]),
            (.ociManifest, [.docker2010, .docker28, .docker29, .ociAlone, .curl], [.asStored]),
            (.manifestList, [.docker19], [.platformEntry]),
            (.manifestList, [.docker112, .docker1903, .docker2010, .docker28, .docker29, .curl], [.asStored]),
            (.manifestList, [.ociAlone], [.index(.oci), .platformEntry]),
            (.ociIndex, [.docker19], [.platformEntry]),
            (.ociIndex, [.docker112, .docker1903], [.index(.docker), .platformEntry]),
            (.ociIndex, [.docker2010, .docker28, .docker29, .ociAlone, .curl], [.asStored]),
            (.other, Client.allCases, [.asStored]),
        ] as [(Manifest.Kind, [Client], [ManifestForm])]
    )
    func table(stored: Manifest.Kind, clients: [Client], answers: [ManifestForm]) {
        for client in clients {
            let preference = ManifestPreference(accept: client.accept, isBeforeSchema2: client == .docker19)
            #expect(preference.forms(for: stored) == answers, "\(client)")
        }
    }

    @Test(
        "depends on the headers, however they are formatted",
        arguments: [
            ([" \(oci) ; q=0.5 ,\(schema2)"], .schema2, [.asStored]),
            ([oci.uppercased()], .ociManifest, [.asStored]),
            (["\(schema2);q=0"], .schema2, [.asStored]),
            (["\(schema2);q=0, \(oci)"], .schema2, [.image(.oci)]),
            (["\(schema2);q=0, */*"], .schema2, [.asStored]),
            (["\(schema1);q=0.9, \(schema2);q=0.2"], .schema1, [.asStored, .image(.docker)]),
            (["\(schema1);q=0.9, \(schema2);q=0.2"], .ociManifest, [.schema1, .image(.docker)]),
            (["\(schema2);q=x"], .ociManifest, [.image(.docker)]),
            (["\(schema2);q=nan"], .ociManifest, [.image(.docker)]),
            (["\(schema2);q=7"], .ociManifest, [.image(.docker)]),
            (["\(schema2);charset=utf-8;Q = 0.1, \(schema1);q=0.2"], .ociManifest, [.schema1, .image(.docker)]),
            ([oci, "\(oci);q=0"], .ociManifest, [.asStored]),
            (["*/*"], .ociIndex, [.asStored]),
            (["application/*"], .schema1, [.asStored]),
            (["*/*;q=0"], .schema2, [.asStored]),
            (["application/json"], .ociIndex, [.asStored]),
            (["text/html, image/png;q=0.2"], .schema2, [.asStored]),
            (["", ",,;", ";q=1"], .schema2, [.asStored]),
            ([MediaType.schema1.description], .schema2, [.schema1]),
            ([list], .ociManifest, [.asStored]),
            ([list], .ociIndex, [.index(.docker)]),
            ([schema2], .ociIndex, [.platformEntry]),
            ([index], .schema2, [.asStored]),
            ([index], .ociIndex, [.asStored]),
            ([index, schema2], .ociIndex, [.asStored]),
            ([index, list, schema2], .ociIndex, [.index(.docker), .platformEntry]),
            ([index, list, "*/*"], .ociIndex, [.asStored]),
            ([index, list, schema1], .manifestList, [.asStored]),
            ([index, list, oci], .manifestList, [.index(.oci), .platformEntry]),
            (["*/*, \(schema2)"], .ociManifest, [.asStored]),
        ] as [([String], Manifest.Kind, [ManifestForm])]
    )
    func headers(accept: [String], stored: Manifest.Kind, answers: [ManifestForm]) {
        let preference = ManifestPreference(accept: accept, isBeforeSchema2: false)
        #expect(preference.forms(for: stored) == answers)
    }

    @Test("depends on the agent only when no known type is accepted")
    func agent() {
        func answers(_ accept: [String]) -> [ManifestForm] {
            ManifestPreference(accept: accept, isBeforeSchema2: true).forms(for: .schema2)
        }
        #expect(answers([]) == [.schema1])
        #expect(answers(["application/json"]) == [.schema1])
        #expect(answers(["*/*"]) == [.asStored])
        #expect(answers([Self.schema2]) == [.asStored])
        #expect(answers([Self.oci]) == [.image(.oci)])
    }

    @Test("is never converted to schema1 when that is switched off")
    func switchedOff() {
        let old = ManifestPreference(accept: [], isBeforeSchema2: true, offersSchema1: false)
        #expect(old.forms(for: .schema2).isEmpty)
        #expect(old.forms(for: .schema1) == [.asStored])
        let docker112 = ManifestPreference(
            accept: Client.docker112.accept,
            isBeforeSchema2: false,
            offersSchema1: false
        )
        #expect(docker112.forms(for: .ociManifest) == [.image(.docker)])
    }
}
