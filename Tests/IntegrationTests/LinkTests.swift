import Foundation
import Glibc
import Testing

extension Integration {
    @Suite("links that fail") struct LinkTests {
        @Test("another user's files are copied, and the plan says why", .needsRoot, .needs("setpriv"))
        func anotherUser() async throws {
            try await withTemporaryDirectory { directory in
                let tree = try await GoldenTree("centos6-like", in: directory)
                let destination = try directory.makeDirectory("new")
                #expect(chmod(destination, 0o777) == 0)
                #expect(chmod(directory.path, 0o755) == 0)
                let result = try await migrate(tree.path, destination, asNobody: true).succeeded()
                try await expectCopies(result, tree.path, destination, because: "does not permit a hard link")
            }
        }

        @Test("two file systems", .needsRoot, .needsMounts)
        func twoFileSystems() async throws {
            try await withTemporaryDirectory { directory in
                let tree = try await GoldenTree("centos6-like", in: directory)
                let destination = try directory.makeDirectory("new")
                try await Mount.memory(kilobytes: 16_384, at: destination) {
                    let result = try await migrate(tree.path, destination).succeeded()
                    try await expectCopies(result, tree.path, destination, because: "different file systems")
                }
            }
        }

        @Test("two bind mounts of one file system, which have one device number", .needsRoot, .needsMounts)
        func twoMounts() async throws {
            try await withTemporaryDirectory { directory in
                let tree = try await GoldenTree("centos6-like", in: directory)
                let store = try directory.makeDirectory("store")
                let destination = try directory.makeDirectory("new")
                try await Mount.bind(store, at: destination) {
                    #expect(try device(of: destination) == device(of: tree.path))
                    let result = try await migrate(tree.path, destination).succeeded()
                    try await expectCopies(result, tree.path, destination, because: "different file systems")
                }
            }
        }

        @Test("a file system without links, in place", .needsRoot, .needsMounts, .needs("sshfs"))
        func noLinks() async throws {
            try await withTemporaryDirectory { directory in
                let tree = try await GoldenTree("centos6-like", in: directory)
                let mount = try directory.makeDirectory("mount")
                try await Mount.withoutLinks(directory, at: mount) {
                    _ = try await Program("cp").run(["-a", tree.path, mount]).succeeded()
                    let root = "\(mount)/centos6-like"
                    let result = try await migrate(root, root).succeeded()
                    try await expectCopies(result, root, root, because: "does not permit a hard link")
                    #expect(result.errorText.contains("no hard links"))
                }
            }
        }

        @Test("a file with as many links as ext4 allows", .needsRoot, .needsMounts, arguments: [true, false])
        func tooManyNames(isInPlace: Bool) async throws {
            try await withTemporaryDirectory { directory in
                let mount = try directory.makeDirectory("mount")
                try await Mount.ext4(megabytes: 64, at: mount) {
                    _ = try await GoldenTree("centos6-like", in: directory)
                    _ = try await Program("cp").run(["-a", directory.path("centos6-like"), mount]).succeeded()
                    let root = "\(mount)/centos6-like"
                    let layer = "\(root)/images/\(Self.largestImage)/layer"
                    try FileManager.default.createDirectory(atPath: "\(mount)/names", withIntermediateDirectories: true)
                    for index in 1..<65_000 { try #require(link(layer, "\(mount)/names/\(index)") == 0) }
                    #expect(link(layer, "\(mount)/names/65000") == -1)
                    #expect(errno == EMLINK)

                    let destination = isInPlace ? root : "\(mount)/new"
                    let result = try await migrate(root, destination).succeeded()
                    #expect(result.text.contains("4 tags converted"))
                    let blob = try #require(try blobs(in: destination)[try await sha256(of: "cat '\(layer)'")])
                    // In place, the layer is also linked to the fresh copy; elsewhere the source must stay as it is.
                    #expect(try (inode(of: blob) == inode(of: layer)) == isInPlace)
                    #expect(try inode(of: "\(mount)/names/1") != inode(of: blob))
                    #expect(result.text.contains(isInPlace ? " 0 B copied" : " 196.6 kB copied"), "\(result.text)")
                }
            }
        }

        private static let largestImage = "8abc6db62cee523281a2c30637ad929e0632d3f906cf0da25aff7e0cea249cec"

        /// Expects that every layer has become a blob with its own bytes, as the plan has announced.
        private func expectCopies(
            _ result: ProgramResult,
            _ source: String,
            _ destination: String,
            because reason: String
        )
            async throws
        {
            #expect(result.text.contains(/to link +nothing/))
            #expect(result.text.contains(try Regex("to copy +257\\.3 kB in 4 layers: .*\(reason)")), "\(result.text)")
            #expect(result.text.contains(" 0 B linked, 257.3 kB copied"))
            let blobs = try blobs(in: destination)
            let images = try FileManager.default.contentsOfDirectory(atPath: "\(source)/images")
            #expect(images.count == 4)
            for image in images {
                let layer = "\(source)/images/\(image)/layer"
                let blob = try #require(blobs[try await sha256(of: "cat '\(layer)'")])
                #expect(try inode(of: blob) != inode(of: layer))
                #expect(try Data(contentsOf: URL(filePath: blob)) == Data(contentsOf: URL(filePath: layer)))
            }
        }

        private func inode(of path: String) throws -> Int {
            let number = try FileManager.default.attributesOfItem(atPath: path)[.systemFileNumber]
            return try #require(number as? Int)
        }

        private func device(of path: String) throws -> Int {
            try #require(try FileManager.default.attributesOfItem(atPath: path)[.systemNumber] as? Int)
        }
    }
}
