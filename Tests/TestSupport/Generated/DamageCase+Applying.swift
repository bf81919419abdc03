import Foundation
import ImageModel

extension DamageCase {
    /// Damages an image or its repository, and returns what else a report may call the place.
    ///
    /// - Parameter middle: The image's parent, for the case that needs a separate one.
    func apply(
        to image: GeneratedImage,
        on middle: GeneratedImage?,
        in repository: GeneratedRepository,
        root: URL
    ) throws -> [String] {
        switch self {
        case .badlayer: try image.changeLayer { $0[$0.startIndex + $0.count / 2] ^= 0x10 }
        case .shortlayer: try image.changeLayer { $0.removeLast($0.count / 2) }
        case .nolayer: try image.remove("layer")
        case .zerolayer: try image.changeLayer { $0 = Data() }
        case .midgone:
            for name in ["layer", "ancestry", "_checksum"] { try middle?.remove(name) }
        case .noparent: try image.put("{\"id\":\"\(image.id)\",\"parent\":\"\(Self.absent)\"}", as: "json")
        default: try applyToDocuments(image, repository)
        }
        return try applyToTree(image, repository, root)
    }

    private static let absent = String(repeating: "f0", count: 32)

    private func applyToDocuments(_ image: GeneratedImage, _ repository: GeneratedRepository) throws {
        let id = image.id
        switch self {
        case .nojson: try image.remove("json")
        case .badjson: try image.put("this is not JSON", as: "json")
        case .wrongid: try image.put("{\"id\":\"\(Self.absent)\"}", as: "json")
        case .noancestry: try image.remove("ancestry")
        case .badancestry: try image.put("this is not JSON", as: "ancestry")
        case .ancestryloop: try image.put("[\"\(id)\", \"\(id)\"]", as: "ancestry")
        case .nochecksum: try image.remove("_checksum")
        case .oldchecksum: try image.put("\"\(Self.checksum("ab"))\"", as: "_checksum")
        case .twochecksums:
            try image.put("[\"tarsum+\(Self.checksum("cd"))\", \"\(Self.checksum("ab"))\"]", as: "_checksum")
        case .badchecksum: try image.put("[\"\(Self.checksum("00"))\"]", as: "_checksum")
        case .numchecksum: try image.put("12345", as: "_checksum")
        case .inprogress: try image.put("true", as: "_inprogress")
        case .files: for name in ["_files", "_diff"] { try image.put("junk", as: name) }
        case .dangling: try repository.put(Self.absent, as: "tag_latest")
        case .tagnl: try repository.put("\(id)\n", as: "tag_latest")
        case .tagquoted: try repository.put("\"\(id)\"", as: "tag_latest")
        case .tagempty: try repository.put("", as: "tag_latest")
        case .tagjunk: try repository.put(Data([0xFF, 0xFE, 0x80]), as: "tag_latest")
        case .notagjson: try repository.remove("taglatest_json")
        case .noreposjson: try repository.remove("json")
        case .nojsons: for name in ["taglatest_json", "json"] { try repository.remove(name) }
        case .noindex: try repository.remove("_index_images")
        case .badindex: try repository.put("this is not JSON", as: "_index_images")
        case .dupindex: try repository.put("[{\"id\": \"\(id)\"}, {\"id\": \"\(id)\"}]", as: "_index_images")
        case .imagesList: try repository.put("[\"\(id)\"]", as: "_images_list")
        default: break
        }
    }

    /// Damage that concerns no image, with another name for the place.
    private func applyToTree(_ image: GeneratedImage, _ repository: GeneratedRepository, _ root: URL) throws -> [String]
    {
        let files = FileManager.default
        let label = repository.name.split(separator: "/").last.map(String.init) ?? ""
        switch self {
        case .emptydir, .notags:
            for name in ["tag_latest", "taglatest_json", "json"] { try repository.remove(name) }
            if self == .emptydir { try repository.remove("_index_images") }
            return []
        case .strayfiles:
            try repository.put("stray", as: "stray")
            try repository.put("", as: "tag_")
            let directory = repository.directory.appending(path: "tag_dir")
            try files.createDirectory(at: directory, withIntermediateDirectories: true)
            return []
        case .strayFileAmongNamespaces:
            try files.removeItem(at: repository.directory)
            try Data("stray".utf8).write(to: root.appending(path: "repositories/\(label)"))
            return ["repositories/\(label)"]
        case .emptyNamespace:
            try files.removeItem(at: repository.directory)
            let directory = root.appending(path: "repositories/\(label)")
            try files.createDirectory(at: directory, withIntermediateDirectories: true)
            return ["repositories/\(label)"]
        case .emptyImage:
            try files.removeItem(at: repository.directory)
            for name in ["json", "layer", "ancestry", "_checksum"] { try image.remove(name) }
            return []
        default: return []
        }
    }

    private static func checksum(_ pair: String) -> String { "sha256:" + String(repeating: pair, count: 32) }
}
