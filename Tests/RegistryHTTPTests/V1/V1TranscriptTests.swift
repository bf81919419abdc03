import RegistryCore
import Testing

@Suite("The responses of docker-registry 0.9.1")
struct V1TranscriptTests {
    /// Where we differ, and why: its response harmed clients.
    static let allowedDifferences: [String: String] = [
        "search.percent": "a percent sign is literal, not a wildcard",
        "search.n-page": "a requested page is returned",
        "search.badpage": "an invalid page number means the first page",
        "ping.options": "every path handles OPTIONS alike, for browsers",
        "images.json.options": "every path handles OPTIONS alike, for browsers",
        "images.ancestry.options": "every path handles OPTIONS alike, for browsers",
        "images.layer.options": "every path handles OPTIONS alike, for browsers",
        "images.files.options": "every path handles OPTIONS alike, for browsers",
        "tags.options": "every path handles OPTIONS alike, for browsers",
        "tag.options": "every path handles OPTIONS alike, for browsers",
        "images.json.newline": "an id with a newline is invalid",
        "images.ancestry.newline": "an id with a newline is invalid",
        "images.layer.newline": "an id with a newline is invalid",
        "images.files.ims.missing": "a missing image is not unmodified",
        "repo.tags.odd": "tags are listed under the names that find them",
        "tag.odd.utf8": "a missing tag is not a server error",
        "damaged.badancestry.ancestry": "the ancestry comes from the images when its file is damaged",
        "damaged.numchecksum.json": "a malformed checksum is not sent",
        "damaged.tagjunk.repo.tags": "a tag whose file is not text is left out",
        "damaged.tagjunk.repo.tags-latest": "a tag whose file is not text is unknown",
        "damaged.badindex.put": "a damaged list is replaced",
        "damaged.midtop.child": "the ancestry comes from the images when the parent's file is missing",
        "push.a.checksum-early": "a checksum before its layer does not match",
        "upload.zero.get": "an empty layer is served",
        "upload.cutlen.sum": "the checksum of a truncated layer does not match",
        "tagput.form": "a body is read whatever its type",
        "tagput.newrepo.search": "a tagged repository is found",
        "tagput.badname.list": "tags are listed under the names that find them",
        "tagput.300": "a name that is too long is not a server error",
        "delete.tag.notagjson": "a tag is deleted even if other files are missing",
        "delete.tag.noreposjson": "a tag is deleted even if other files are missing",
        "delete.repo.notagjson2": "a repository is deleted even if other files are missing",
        "delete.repo.under": "a repository is deleted whatever the names of its tags",
    ]

    /// Where we differ in a bucket: the tree has a repository that is an empty directory.
    static let differencesOfBuckets: Set = ["search.noparam", "search.empty", "search.wrongparam"]

    @Test("are reproduced for the same requests in the same order, except for faults that harm clients")
    func replay() async throws {
        let tree = try ScratchTree(unpacking: Testdata.bytes("v1/trees.tar.gz"))
        let transcripts = try V1Transcript.all().filter { $0.profile == "search" }
        try await withRegistry(over: tree.open("all")) { port, _ in
            for transcript in transcripts { try await check(transcript, port: port) }
        }
    }

    @Test("are reproduced when search is switched off")
    func replayWithoutSearch() async throws {
        let tree = try ScratchTree(unpacking: Testdata.bytes("v1/trees.tar.gz"))
        let transcripts = try V1Transcript.all().filter { $0.profile == "nosearch" }
        try await withRegistry(over: tree.open("all"), v1: V1Settings(isSearchEnabled: false)) { port, _ in
            for transcript in transcripts { try await check(transcript, port: port) }
        }
    }

    private func check(_ transcript: V1Transcript, port: Int) async throws {
        guard let answer = try await send(transcript, port: port) else { return }
        // Docker up to 0.9 requires it, even on pages and redirects.
        #expect(answer["x-docker-registry-version"] == "0.9.1", "\(transcript.id)")
        let differences = try V1AnswerComparison(transcript).differences(answer)
        if TestStore.isBucket, Self.differencesOfBuckets.contains(transcript.id) { return }
        if let reason = Self.allowedDifferences[transcript.id] {
            #expect(!differences.isEmpty, "\(transcript.id) is answered as recorded, though \(reason)")
        } else {
            #expect(differences == [], "\(transcript.id)")
        }
    }

    /// Nil for a client that does not wait for its response.
    private func send(_ transcript: V1Transcript, port: Int) async throws -> TestAnswer? {
        let body = try transcript.requestBody
        return try await withClient(of: port) { client in
            try client.send(transcript.head(bodyByteCount: body.count))
            if transcript.expectsContinue {
                let interim = try client.receiveHead()
                guard interim.status == 100 else { return interim }
            }
            try client.send(transcript.framed(body))
            if transcript.halfCloses { client.endSending() }
            if transcript.hangsUp { return nil }
            return try client.receiveAnswer(withBody: !transcript.isHead && transcript.status != 204)
        }
    }
}
