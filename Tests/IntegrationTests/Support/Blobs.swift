import Foundation

/// The files of a registry's blobs, by digest.
func blobs(in root: String) throws -> [String: String] {
    let directory = "\(root)/docker/registry/v2/blobs"
    guard FileManager.default.fileExists(atPath: directory) else { return [:] }
    let files = try FileManager.default.subpathsOfDirectory(atPath: directory).filter { $0.hasSuffix("/data") }
    return Dictionary(
        uniqueKeysWithValues: files.map { file in
            let parts = file.split(separator: "/")
            return ("\(parts[0]):\(parts[2])", "\(directory)/\(file)")
        }
    )
}

/// Everything incomplete in a registry's directory that a client could reach: a blob that does not match its digest, or
/// a link to a missing blob. Empty if nothing is half-made.
func halfMade(in root: String) async throws -> [String] {
    var faults: [String] = []
    let blobs = try blobs(in: root)
    for (digest, file) in blobs where try await sha256(of: "cat '\(file)'") != digest { faults.append(file) }
    let directory = "\(root)/docker/registry/v2/repositories"
    guard FileManager.default.fileExists(atPath: directory) else { return faults }
    for link in try FileManager.default.subpathsOfDirectory(atPath: directory) where link.hasSuffix("/link") {
        if blobs[try String(contentsOfFile: "\(directory)/\(link)", encoding: .utf8)] == nil { faults.append(link) }
    }
    return faults
}
