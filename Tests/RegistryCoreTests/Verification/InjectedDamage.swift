import ImageModel
import NIOCore
import Storage
import TestSupport
import Testing

@testable import RegistryCore

/// One kind of damage, and what a verification must find.
struct InjectedDamage: Sendable, CustomTestStringConvertible {
    /// What is damaged, and how.
    let testDescription: String
    /// Whether a repair and new pushes make up for it.
    var isRepairable = true
    /// Damages a registry, and returns the kinds and keys of the expected findings.
    let apply: @Sendable (VerifiedWorld) async throws -> [(DamageFinding.Kind, ObjectKey)]

    init(
        _ description: String,
        isRepairable: Bool = true,
        _ apply: @escaping @Sendable (VerifiedWorld) async throws -> [(DamageFinding.Kind, ObjectKey)]
    ) {
        testDescription = description
        self.isRepairable = isRepairable
        self.apply = apply
    }

    static let all = blobs + links + tags + images + v1Tags + records

    private static let blob = V2Layout.blobData(VerifiedWorld.digest(11))

    private static let blobs: [InjectedDamage] = [
        InjectedDamage("a blob with a flipped bit") { world in
            try await world.flip(blob)
            return [(.damagedBlob, blob)]
        },
        InjectedDamage("a blob that was cut") { world in
            try await world.cut(blob)
            return [(.damagedBlob, blob)]
        },
        InjectedDamage("a blob that was emptied") { world in
            try await world.write("", blob)
            return [(.damagedBlob, blob)]
        },
        InjectedDamage("a blob with another byte at its end") { world in
            try await world.write(try await world.bytes(blob) + [0], blob)
            return [(.damagedBlob, blob)]
        },
        InjectedDamage("two blobs that were swapped") { world in
            let second = V2Layout.blobData(VerifiedWorld.digest(12))
            try await world.swap(blob, second)
            return [(.damagedBlob, blob), (.damagedBlob, second)]
        },
        InjectedDamage("a configuration with a flipped bit") { world in
            let key = V2Layout.blobData(try await world.configuration(of: world.one))
            try await world.flip(key)
            return [(.damagedBlob, key)]
        },
        InjectedDamage("a manifest with a flipped bit") { world in
            try await world.flip(V2Layout.blobData(world.one))
            return [(.damagedBlob, V2Layout.blobData(world.one))]
        },
        InjectedDamage("an index that was cut") { world in
            try await world.cut(V2Layout.blobData(world.list))
            return [(.damagedBlob, V2Layout.blobData(world.list))]
        },
        InjectedDamage("a blob that is gone") { world in
            try await world.storage.remove(blob)
            return [(.missingBlob, blob)]
        },
        InjectedDamage("a manifest that is gone") { world in
            try await world.storage.remove(V2Layout.blobData(world.two))
            return [(.danglingLink, V2Layout.revisionLink(world.two, in: world.app))]
        },
        InjectedDamage("a blob with a flipped bit that is also a v1 layer") { world in
            let key = V2Layout.blobData(VerifiedWorld.digest(2))
            try await world.flip(key)
            return [(.damagedBlob, key)]
        },
        InjectedDamage("a blob that is gone, but is also a v1 layer") { world in
            let key = V2Layout.blobData(VerifiedWorld.digest(2))
            try await world.storage.remove(key)
            return [(.missingBlob, key)]
        },
    ]

    private static let links: [InjectedDamage] = [
        InjectedDamage("a layer link that was emptied") { world in
            let key = V2Layout.layerLink(VerifiedWorld.digest(11), in: world.app)
            try await world.write("", key)
            return [(.damagedLink, key)]
        },
        InjectedDamage("a layer link that was cut") { world in
            let key = V2Layout.layerLink(VerifiedWorld.digest(11), in: world.app)
            try await world.cut(key)
            return [(.damagedLink, key)]
        },
        InjectedDamage("a layer link to another blob") { world in
            let key = V2Layout.layerLink(VerifiedWorld.digest(11), in: world.app)
            try await world.write("\(VerifiedWorld.digest(12))", key)
            return [(.damagedLink, key)]
        },
        InjectedDamage("a layer link that is gone") { world in
            let key = V2Layout.layerLink(VerifiedWorld.digest(11), in: world.other)
            try await world.storage.remove(key)
            return [(.missingLink, key)]
        },
        InjectedDamage("a manifest's link that was emptied") { world in
            let key = V2Layout.revisionLink(world.two, in: world.app)
            try await world.write("", key)
            return [(.damagedLink, key)]
        },
        InjectedDamage("a manifest's link to another manifest") { world in
            let key = V2Layout.revisionLink(world.two, in: world.app)
            try await world.write("\(world.one)", key)
            return [(.damagedLink, key)]
        },
        InjectedDamage("a link of an index's child that is gone, and its tag's") { world in
            let key = V2Layout.revisionLink(world.two, in: world.app)
            try await world.storage.remove(key)
            let tag = V2Layout.currentLink(try ImageModel.Tag(parsing: "two"), in: world.app)
            return [(.missingManifest, key), (.danglingTag, tag)]
        },
        InjectedDamage("the link of a tagged manifest that is gone") { world in
            try await world.storage.remove(V2Layout.revisionLink(world.list, in: world.app))
            return [(.danglingTag, V2Layout.currentLink(try ImageModel.Tag(parsing: "list"), in: world.app))]
        },
        InjectedDamage("a signed manifest with another tag") { world in
            let key = V2Layout.signedManifest(world.schema1, in: world.app)
            let text = String(decoding: try await world.bytes(key), as: UTF8.self)
            try await world.write(text.replacing("\"schema1\"", with: "\"schema2\""), key)
            return [(.damagedSignature, key)]
        },
        InjectedDamage("a signed manifest that was emptied") { world in
            let key = V2Layout.signedManifest(world.schema1, in: world.app)
            try await world.write("", key)
            return [(.damagedSignature, key)]
        },
    ]

    private static let tags: [InjectedDamage] = [
        InjectedDamage("a tag that was emptied") { world in
            let key = V2Layout.currentLink(try ImageModel.Tag(parsing: "one"), in: world.app)
            try await world.write("", key)
            return [(.damagedTag, key)]
        },
        InjectedDamage("a tag that was cut") { world in
            let key = V2Layout.currentLink(try ImageModel.Tag(parsing: "one"), in: world.app)
            try await world.cut(key)
            return [(.damagedTag, key)]
        },
        InjectedDamage("a tag to nothing") { world in
            let key = V2Layout.currentLink(try ImageModel.Tag(parsing: "one"), in: world.app)
            try await world.write("sha256:\(String(repeating: "e", count: 64))", key)
            return [(.danglingTag, key)]
        },
        InjectedDamage("an entry of a tag's history that was emptied") { world in
            let key = V2Layout.indexLink(world.one, tag: try ImageModel.Tag(parsing: "one"), in: world.app)
            try await world.write("", key)
            return [(.damagedLink, key)]
        },
    ]
}

extension InjectedDamage {
    private static func id(_ digit: Character) throws -> V1ImageID { try TestTree.id(digit) }

    private static let images: [InjectedDamage] = [
        InjectedDamage("a v1 layer with a flipped bit that is also a blob") { world in
            let key = V1Layout.layer(try id("2"))
            try await world.flip(key)
            return [(.damagedLayer, key)]
        },
        InjectedDamage("a v1 layer that was cut") { world in
            let key = V1Layout.layer(try id("2"))
            try await world.cut(key)
            return [(.damagedLayer, key)]
        },
        InjectedDamage("a v1 layer that was emptied") { world in
            let key = V1Layout.layer(try id("2"))
            try await world.write("", key)
            return [(.damagedLayer, key)]
        },
        InjectedDamage("a v1 layer that is gone") { world in
            let key = V1Layout.layer(try id("2"))
            try await world.storage.remove(key)
            return [(.missingLayer, key)]
        },
        InjectedDamage("two v1 layers that were swapped") { world in
            let keys = [V1Layout.layer(try id("1")), V1Layout.layer(try id("2"))]
            try await world.swap(keys[0], keys[1])
            return keys.map { (.damagedLayer, $0) }
        },
        InjectedDamage("a v1 layer with a flipped bit that nothing else has") { world in
            let key = V1Layout.layer(try id("4"))
            try await world.flip(key)
            return [(.damagedLayer, key)]
        },
        InjectedDamage("a v1 layer that is gone, and that nothing else has") { world in
            let key = V1Layout.layer(try id("4"))
            try await world.storage.remove(key)
            return [(.missingLayer, key)]
        },
        InjectedDamage("a v1 json with another letter") { world in
            let key = V1Layout.json(try id("1"))
            let text = String(decoding: try await world.bytes(key), as: UTF8.self)
            try await world.write(text.replacing("linux", with: "linuy"), key)
            return [(.damagedJSON, key)]
        },
        InjectedDamage("a v1 json that was cut") { world in
            let key = V1Layout.json(try id("1"))
            try await world.cut(key)
            return [(.damagedJSON, key)]
        },
        InjectedDamage("a v1 json that is gone") { world in
            let key = V1Layout.json(try id("4"))
            try await world.storage.remove(key)
            return [(.damagedJSON, key)]
        },
        InjectedDamage("a v1 json of another image") { world in
            let key = V1Layout.json(try id("4"))
            try await world.write(try await world.bytes(V1Layout.json(try id("1"))), key)
            return [(.damagedJSON, key)]
        },
        InjectedDamage("an ancestry that was cut") { world in
            let key = V1Layout.ancestry(try id("3"))
            try await world.cut(key)
            return [(.damagedAncestry, key)]
        },
        InjectedDamage("an ancestry that was emptied") { world in
            let key = V1Layout.ancestry(try id("3"))
            try await world.write("", key)
            return [(.damagedAncestry, key)]
        },
        InjectedDamage("an ancestry without its end") { world in
            let key = V1Layout.ancestry(try id("3"))
            try await world.write("[\"\(try id("3"))\", \"\(try id("2"))\"]", key)
            return [(.damagedAncestry, key)]
        },
        InjectedDamage("an ancestry that is gone") { world in
            let key = V1Layout.ancestry(try id("3"))
            try await world.storage.remove(key)
            return [(.damagedAncestry, key)]
        },
        InjectedDamage("a checksum with another digit") { world in
            let key = V1Layout.checksum(try id("2"))
            try await world.write("[\"sha256:\(String(repeating: "0", count: 64))\"]", key)
            return [(.damagedChecksum, key)]
        },
        InjectedDamage("a checksum that was cut") { world in
            let key = V1Layout.checksum(try id("2"))
            try await world.cut(key)
            return [(.damagedChecksum, key)]
        },
        InjectedDamage("a base image that is gone", isRepairable: false) { world in
            try await world.storage.removeAll(below: V1Layout.image(try id("1")))
            return [(.missingParent, V1Layout.image(try id("1")))]
        },
    ]

    private static let v1Tags: [InjectedDamage] = [
        InjectedDamage("a v1 tag that was emptied") { world in
            guard let key = V1Layout.tag("latest", in: world.v1Name) else { return [] }
            try await world.write("", key)
            return [(.damagedTag, key)]
        },
        InjectedDamage("a v1 tag to nothing") { world in
            guard let key = V1Layout.tag("latest", in: world.v1Name) else { return [] }
            try await world.write(String(repeating: "e", count: 64), key)
            return [(.danglingTag, key)]
        },
        InjectedDamage("a list of images that was cut") { world in
            guard let key = V1Layout.indexImages(world.v1Name) else { return [] }
            try await world.cut(key)
            return [(.damagedList, key)]
        },
    ]

    private static func malformed(_ description: String, _ prefix: String, _ text: String = "") -> InjectedDamage {
        InjectedDamage("\(description) that was cut") { world in
            let key = try await world.object(below: prefix, text)
            try await world.cut(key)
            return [(.damagedRecord, key)]
        }
    }

    private static let records: [InjectedDamage] = [
        malformed("a layer record", "longshore/images"),
        malformed("a tag record", "longshore/tags"),
        malformed("an origin", "longshore/origins"),
        malformed("a derived manifest", "longshore/derived/manifests", "/data"),
        malformed("the source of a derived manifest", "longshore/derived/manifests", "/sources/"),
        malformed("a derived form", "longshore/derived/forms"),
        InjectedDamage("a layer record of another layer") { world in
            let key = OwnLayout.layerRecord(try id("2"))
            try await world.write(try await world.bytes(OwnLayout.layerRecord(try id("1"))), key)
            return [(.staleRecord, key)]
        },
        InjectedDamage("a record of a recompressed layer that is gone") { world in
            let key = OwnLayout.recompressed(VerifiedWorld.digest(11))
            try await world.write("sha256:\(String(repeating: "e", count: 64))", key)
            return [(.staleRecord, key)]
        },
        InjectedDamage("a signing key that was cut", isRepairable: false) { world in
            try await world.cut(OwnLayout.signingKey)
            return [(.damagedRecord, OwnLayout.signingKey)]
        },
    ]
}
