import RegistryCore
import Testing

@Suite("What docker-registry 0.9.1 answered")
struct V1TranscriptTests {
    /// Where we answer otherwise, and why: its response hurt clients.
    static let allowedDifferences: [String: String] = [
        "search.percent": "a percent sign is searched for, not taken for a wildcard",
        "search.n-page": "a page that is asked for is answered",
        "search.badpage": "what is no number of a page is taken for the first",
        "ping.options": "every path answers OPTIONS alike, for browsers",
        "images.json.options": "every path answers OPTIONS alike, for browsers",
        "images.ancestry.options": "every path answers OPTIONS alike, for browsers",
        "images.layer.options": "every path answers OPTIONS alike, for browsers",
        "images.files.options": "every path answers OPTIONS alike, for browsers",
        "tags.options": "every path answers OPTIONS alike, for browsers",
        "tag.options": "every path answers OPTIONS alike, for browsers",
        "images.json.newline": "an id with a newline is none",
        "images.ancestry.newline": "an id with a newline is none",
        "images.layer.newline": "an id with a newline is none",
        "images.files.ims.missing": "an image that is not there has not stayed unchanged",
        "repo.tags.odd": "tags are listed under the names by which they are found",
        "tag.odd.utf8": "a tag that is not there is no fault of the server",
        "damaged.badancestry.ancestry": "the ancestry is told by the images when its file is damaged",
        "damaged.numchecksum.json": "what is no checksum is not sent for one",
        "damaged.tagjunk.repo.tags": "a tag whose file holds no text is left out",
        "damaged.tagjunk.repo.tags-latest": "a tag whose file holds no text is none",
        "damaged.badindex.put": "a list that is damaged is replaced",
        "damaged.midtop.child": "the ancestry is told by the images when the parent's file is missing",
        "push.a.checksum-early": "a checksum before its layer does not match",
        "upload.zero.get": "an empty layer is answered",
        "upload.cutlen.sum": "the checksum of a layer that was cut does not match",
        "tagput.form": "a body is read whatever its type",
        "tagput.newrepo.search": "a repository that was tagged is found",
        "tagput.badname.list": "tags are listed under the names by which they are found",
        "tagput.300": "a name that is too long is no fault of the server",
        "delete.tag.notagjson": "a tag is deleted whatever else is missing",
        "delete.tag.noreposjson": "a tag is deleted whatever else is missing",
        "delete.repo.notagjson2": "a repository is deleted whatever else is missing",
        "delete.repo.under": "a repository is deleted whatever its tags are called",
    ]

    /// Where we answer otherwise over a bucket: the tree has a repository that is an empty directory.
    static let differencesOfBuckets: Set = ["search.noparam", "search.empty", "search.wrongparam"]

    @Test("is answered to the same requests in the same order, but for faults that hurt clients")
    func replay() async throws {
        let tree = try ScratchTree(unpacking: Testdata.bytes("v1/trees.tar.gz"))
        let transcripts = try V1Transcript.all().filter { $0.profile == "search" }
        try await withRegistry(over: tree.open("all")) { port, _ in
            for transcript in transcripts { try await check(transcript, port: port) }
        }
    }

    @Test("is answered when search is switched off")
    func replayWithoutSearch() async throws {
        let tree = try ScratchTree(unpacking: Testdata.bytes("v1/trees.tar.gz"))
        let transcripts = try V1Transcript.all().filter { $0.profile == "nosearch" }
        try await withRegistry(over: tree.open("all"), v1: V1Settings(isSearchEnabled: false)) { port, _ in
            for transcript in transcripts { try await check(transcript, port: port) }
        }
    }

    private func check(_ transcript: V1Transcript, port: Int) async throws {
        guard let answer = try await send(transcript, port: port) else { return }
        // Docker up to 0.9 wants it, and pages and redirects are answers too.
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
