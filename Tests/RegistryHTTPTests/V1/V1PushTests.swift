import Foundation
import ImageModel
import RegistryCore
import Storage
import SystemLibraries
import Testing

@Suite("A v1 push")
struct V1PushTests {
    private enum Step: CustomStringConvertible {
        case json(Int)
        case layer(Int)
        case checksum(Int)

        var description: String {
            switch self {
            case .json(let daemon): "json \(daemon)"
            case .layer(let daemon): "layer \(daemon)"
            case .checksum(let daemon): "checksum \(daemon)"
            }
        }
    }

    private static let id = TestImage.id("c0ffee")

    @Test("is visible in both protocols once its tag is, with layer and blob as one file")
    func pushed() async throws {
        let tree = try ScratchTree()
        let base = TestImage(TestImage.id("ba5e"), layer: try TestLayer.gzip(TestLayer.tar("a", [1, 2, 3])))
        let top = TestImage(Self.id, parent: base.id, layer: try TestLayer.gzip(TestLayer.tar("b", [4, 5])))
        try await withRegistry(over: tree.open()) { port, _ in
            let daemon = V1Daemon(port: port)
            #expect(try await daemon.push(base) == [200, 200, 200])
            #expect(try await daemon.push(top) == [200, 200, 200])
            #expect(try await daemon.tag("centos6", "latest", top.id) == 200)
            let manifest = try await exchange("GET", "/v2/centos6/manifests/latest", port: port)
            #expect(manifest.status == 200)
            let digests = try JSONValue(parsing: manifest.body)["layers"]?.array?.compactMap { $0["digest"]?.string }
            #expect(digests == [base, top].map { Digest(.sha256, of: $0.layer).description })
        }
        for image in [base, top] {
            let digest = Digest(.sha256, of: image.layer)
            let blob = "docker/registry/v2/blobs/sha256/\(digest.hex.prefix(2))/\(digest.hex)/data"
            #expect(try tree.areOne(blob, "images/\(image.id)/layer"))
            #expect(tree.bytes("images/\(image.id)/json") == image.json)
            #expect(tree.bytes("images/\(image.id)/_checksum") == Array("[\"\(image.checksum)\"]".utf8))
            #expect(!tree.contains("images/\(image.id)/_inprogress"))
        }
        #expect(tree.bytes("images/\(top.id)/ancestry") == Array("[\"\(top.id)\", \"\(base.id)\"]".utf8))
        #expect(tree.bytes("repositories/library/centos6/tag_latest") == Array(top.id.utf8))
    }

    @Test("can be restarted after a power failure emptied its files")
    func emptied() async throws {
        let tree = try ScratchTree()
        let image = TestImage(Self.id, layer: try TestLayer.gzip(TestLayer.tar("a", [1, 2, 3])))
        for file in ["json", "ancestry", "layer"] { try tree.write([], to: "images/\(image.id)/\(file)") }
        try tree.write(Array("true".utf8), to: "images/\(image.id)/_inprogress")
        try await withRegistry(over: tree.open()) { port, _ in
            let answers = try await V1Daemon(port: port).push(image)
            #expect(answers == [200, 200, 200])
        }
        #expect(tree.bytes("images/\(image.id)/json") == image.json)
    }

    /// The steps of two daemons in the order they arrive, and the statuses of the responses.
    private static let races: [([Step], [Int])] = [
        (
            [.json(0), .json(1), .layer(0), .layer(1), .checksum(0), .checksum(1)],
            [200, 200, 200, 200, 200, 200]
        ),
        (
            [.json(0), .json(1), .layer(0), .layer(1), .checksum(1), .checksum(0)],
            [200, 200, 200, 200, 200, 200]
        ),
        (
            [.json(0), .json(1), .layer(0), .checksum(0), .layer(1), .checksum(1)],
            [200, 200, 200, 200, 200, 200]
        ),
        (
            [.json(0), .layer(0), .json(1), .layer(1), .checksum(0), .checksum(1), .checksum(1)],
            [200, 200, 200, 200, 200, 200, 409]
        ),
        (
            [.json(0), .layer(0), .checksum(0), .json(1), .layer(1), .checksum(1)],
            [200, 200, 200, 409, 409, 409]
        ),
        (
            [.json(0), .layer(0), .json(1), .checksum(0), .layer(1), .checksum(1), .layer(1)],
            [200, 200, 200, 200, 200, 200, 409]
        ),
    ]

    @Test(
        "of one image by two daemons at once ends with one good image, even with a restart between any two steps",
        arguments: races.indices,
        [nil] + Array(1..<7).map(Int?.some)
    )
    func race(index: Int, restart: Int?) async throws {
        for hasOneJSON in [true, false] { try await race(index, hasOneJSON, restart: restart) }
    }

    private func race(_ index: Int, _ hasOneJSON: Bool, restart: Int?) async throws {
        let (steps, answers) = Self.races[index]
        let tar = TestLayer.tar("a", TestLayer.noise(5000, seed: 1))
        let images = [
            TestImage(Self.id, layer: try TestLayer.gzip(tar)),
            TestImage(Self.id, comment: hasOneJSON ? "" : "other", layer: try TestLayer.gzip(tar, members: 2)),
        ]
        let tree = try ScratchTree()
        let cut = min(restart ?? 0, steps.count)
        for part in [0..<cut, cut..<steps.count] {
            try await withRegistry(over: tree.open()) { port, _ in
                let daemon = V1Daemon(port: port)
                for (step, answer) in zip(steps[part], answers[part]) {
                    let status =
                        switch step {
                        case .json(let number): try await daemon.putJSON(images[number])
                        case .layer(let number): try await daemon.putLayer(images[number])
                        case .checksum(let number): try await daemon.putChecksum(images[number])
                        }
                    #expect(status == answer, "\(step)")
                }
                if part.upperBound == steps.count { try await expectGood(Self.id, port: port, tree: tree) }
            }
        }
        let left = try tree.snapshot(leavingOut: { !$0.hasPrefix("longshore/pushes") })
        #expect(left.isEmpty)
    }

    @Test("with a layer cut off anywhere succeeds when repeated, even after a restart")
    func cut() async throws {
        let rounds = ProcessInfo.processInfo.environment["LONGSHORE_FULL"] == nil ? 10 : 200
        let tree = try ScratchTree()
        var generator = SystemRandomNumberGenerator()
        for round in 0..<rounds {
            let layer = try TestLayer.gzip(TestLayer.tar("a", TestLayer.noise(50_000, seed: UInt64(round))))
            let image = TestImage(TestImage.id(String(format: "c%05x", round)), layer: layer)
            let byteCount = Int.random(in: 0..<layer.count, using: &generator)
            let restarts = Bool.random(using: &generator)
            try await withRegistry(over: tree.open()) { port, _ in
                let daemon = V1Daemon(port: port)
                #expect(try await daemon.putJSON(image) == 200)
                try await withClient(of: port) { client in
                    try client.send("PUT /v1/images/\(image.id)/layer HTTP/1.1\r\nHost: a\r\n")
                    try client.send("Content-Length: \(layer.count)\r\n\r\n")
                    try client.send(Array(layer.prefix(byteCount)))
                    client.hangUp()
                }
                #expect(try await daemon.get("images/\(image.id)/json").status == 400)
                if !restarts { try await pushAgain(image, daemon, tree) }
            }
            if restarts {
                try await withRegistry(over: tree.open()) { port, _ in
                    try await pushAgain(image, V1Daemon(port: port), tree)
                }
            }
        }
    }

    @Test("received by a previous server is completed by its checksum")
    func resumed() async throws {
        let tree = try ScratchTree()
        let image = TestImage(Self.id, layer: try TestLayer.gzip(TestLayer.tar("a", [1])))
        try await withRegistry(over: tree.open()) { port, _ in
            let daemon = V1Daemon(port: port)
            let answers = [try await daemon.putJSON(image), try await daemon.putLayer(image)]
            #expect(answers == [200, 200])
        }
        try await withRegistry(over: tree.open()) { port, _ in
            #expect(try await V1Daemon(port: port).putChecksum(image) == 200)
            try await expectGood(image.id, port: port, tree: tree)
        }
    }

    @Test("by Docker 0.9 is verified by its tarsum, and accepted when that was computed differently")
    func tarsum() async throws {
        let transcripts = try V1Transcript.all()
        func body(_ id: String) throws -> [UInt8] { try transcripts.first { $0.id == id }?.requestBody ?? [] }
        let json = try body("push.a.json")
        let layer = try body("push.a.layer")
        let id = try V1Image(parsing: json).id
        let tarsum = "tarsum+sha256:f0d7b0435c5cf9e49cf014aaf783c96ee7639bc20781810f0f2ce4746f255b96"
        for sum in [tarsum, "tarsum+sha256:\(String(repeating: "0", count: 64))"] {
            let tree = try ScratchTree()
            try await withRegistry(over: tree.open()) { port, _ in
                let daemon = V1Daemon(port: port, agent: "docker/0.9.1 go/go1.2 os/linux arch/amd64")
                let other = try TestLayer.gzip(TestLayer.tar("b", [1]))
                #expect(try await daemon.put("images/\(id)/json", json).status == 200)
                if sum == tarsum {
                    #expect(try await daemon.put("images/\(id)/layer", layer).status == 200)
                    #expect(try await daemon.put("images/\(id)/layer", other).status == 200)
                } else {
                    #expect(try await daemon.put("images/\(id)/layer", layer).status == 200)
                }
                let headers = ["X-Docker-Checksum": sum]
                #expect(try await daemon.put("images/\(id)/checksum", headers: headers).status == 200)
                #expect(tree.bytes("images/\(id)/layer") == layer)
                try await expectGood(id.description, port: port, tree: tree)
            }
        }
    }

    @Test("of an invalid layer is served to v1 only, and v2 reports why")
    func damaged() async throws {
        let tree = try ScratchTree()
        let good = TestImage(TestImage.id("90"), layer: try TestLayer.gzip(TestLayer.tar("a", [1])))
        let bad = TestImage(TestImage.id("bad"), layer: Array("no layer at all".utf8))
        try await withRegistry(over: tree.open()) { port, _ in
            let daemon = V1Daemon(port: port)
            #expect(try await daemon.push(good) == [200, 200, 200])
            #expect(try await daemon.push(bad) == [200, 200, 200])
            #expect(try await daemon.tag("a/b", "latest", good.id) == 200)
            #expect(try await exchange("GET", "/v2/a/b/manifests/latest", port: port).status == 200)
            #expect(try await daemon.tag("a/b", "latest", bad.id) == 200)
            let answer = try await exchange("GET", "/v2/a/b/manifests/latest", port: port)
            #expect(answer.status == 404)
            #expect(answer.text.contains("MANIFEST_UNKNOWN") && answer.text.contains("not a tar archive"))
            #expect(!tree.contains("docker/registry/v2/repositories/a/b/_manifests/tags/latest"))
            #expect(try await daemon.get("images/\(bad.id)/layer").body == bad.layer)
        }
    }

    private func pushAgain(_ image: TestImage, _ daemon: V1Daemon, _ tree: ScratchTree) async throws {
        #expect(try await daemon.push(image) == [200, 200, 200])
        try await expectGood(image.id, port: daemon.port, tree: tree)
    }

    /// Expects that an image is complete and has the JSON and the layer that its checksum covers.
    private func expectGood(_ id: String, port: Int, tree: ScratchTree) async throws {
        let daemon = V1Daemon(port: port)
        let json = try await daemon.get("images/\(id)/json")
        let layer = try await daemon.get("images/\(id)/layer")
        #expect(json.status == 200 && layer.status == 200)
        let checksum = Digest(.sha256, of: json.body + [UInt8(ascii: "\n")] + layer.body).description
        #expect(json["x-docker-checksum-payload"] == checksum)
        // An unfinished push is remembered for an hour.
        let left = try tree.snapshot(leavingOut: { !$0.hasPrefix("longshore/pushes/\(id)/") || $0.hasSuffix("/open") })
        #expect(left.isEmpty)
    }
}
