import Conversion
import ImageModel
import Testing

@Suite("History of a converted image")
struct HistoryTests {
    @Test(
        "an entry records who created the layer, when and how, without empty fields",
        arguments: [
            ("", #"{"created":"0001-01-01T00:00:00Z"}"#),
            (
                #","comment":"c","author":"a","created":"2015-01-01T01:00:00.50+02:00","container_config":{"Cmd":["x","","<y>"]}"#,
                #"{"created":"2015-01-01T01:00:00.5+02:00","author":"a","created_by":"x  \u003cy\u003e","comment":"c"}"#
            ),
            (#","container_config":{"Cmd":"sh -c"}"#, #"{"created":"0001-01-01T00:00:00Z","created_by":"sh -c"}"#),
            (#","container_config":{"Cmd":[]},"author":"""#, #"{"created":"0001-01-01T00:00:00Z"}"#),
            (#","throwaway":true"#, #"{"created":"0001-01-01T00:00:00Z"}"#),
            (#","created":null"#, #"{"created":"0001-01-01T00:00:00Z"}"#),
            (#","created":"2015-01-01T00:00:00,25Z","created":null"#, #"{"created":"2015-01-01T00:00:00.25Z"}"#),
        ]
    )
    func entries(members: String, expected: String) throws {
        #expect(try TestChain.historyEntry(members) == expected)
        #expect(try TestChain.historyEntry(#","docker_version":"1.9.1""# + members) == expected)
    }

    @Test(
        "a field of the wrong type makes the image malformed, whichever Docker wrote it, and the error names the field",
        arguments: [
            (#","author":7"#, "author must be a string, not the number 7"),
            (#","created":5"#, "created must be an RFC 3339 time, not the number 5"),
            (#","Size":1.0"#, "Size must be an integer, not the number 1.0"),
            (#","size":1e3"#, "Size must be an integer, not the number 1e3"),
            (#","Size":9223372036854775808"#, "Size must be an integer, not the number 9223372036854775808"),
            (#","Size":"5""#, "Size must be an integer, not a string"),
            (#","config":[]"#, "config must be an object, not a list"),
            (#","container_config":"x""#, "container_config must be an object, not a string"),
            (#","config":{"Env":"x"}"#, "config.Env must be a list of strings, not a string"),
            (#","config":{"Env":["x",1]}"#, "config.Env[1] must be a string, not the number 1"),
            (#","config":{"Cmd":{}}"#, "config.Cmd must be a list of strings, not an object"),
            (#","config":{"Cmd":[[]]}"#, "config.Cmd[0] must be a string, not a list"),
            (#","config":{"Tty":"true"}"#, "config.Tty must be true or false, not a string"),
            (#","config":{"Volumes":[]}"#, "config.Volumes must be an object, not a list"),
            (#","config":{"Volumes":{"/v":1}}"#, "config.Volumes./v must be an object, not the number 1"),
            (#","config":{"Labels":{"a":true}}"#, "config.Labels.a must be a string, not true"),
            (#","config":{"StopTimeout":"1"}"#, "config.StopTimeout must be an integer, not a string"),
            (
                #","config":{"Healthcheck":{"Interval":"5s"}}"#,
                "config.Healthcheck.Interval must be an integer, not a string"
            ),
            (#","docker_version":1.9"#, "docker_version must be a string, not the number 1.9"),
        ]
    )
    func refusals(members: String, reason: String) throws {
        for version in ["", #","docker_version":"1.9.1""#] {
            let chain = try TestChain.single(version + members)
            let error = #expect(throws: UnconvertibleImage.self) { try ConvertedImage(chain: chain) }
            guard case .malformedImage(let id, let mismatch)? = error else {
                Issue.record("\(String(describing: error))")
                continue
            }
            #expect(id == chain[0].image.id)
            #expect(mismatch.description == reason)
        }
    }

    @Test("a null time is left out of the typed record, and carried verbatim otherwise")
    func nullTime() throws {
        #expect(try TestChain.carried(#","created":null"#).contains(#""created":"0001-01-01T00:00:00Z""#))
        #expect(try TestChain.carried(#","docker_version":"1.9.1","created":null"#).contains(#""created":null"#))
    }

    @Test("fields that the engine reads only from the stored configuration matter only when it is carried verbatim")
    func storedFields() throws {
        for members in [#","os.version":10"#, #","OS.Features":"x""#] {
            _ = try ConvertedImage(chain: TestChain.single(members))
            #expect(throws: UnconvertibleImage.self) {
                try ConvertedImage(chain: TestChain.single(#","docker_version":"1.9.1""# + members))
            }
        }
    }

    @Test("an image below the top is refused under its own id")
    func malformedBase() throws {
        let base = String(repeating: "b", count: 64)
        let top = String(repeating: "c", count: 64)
        let chain = try TestChain.chain(
            of: [Array(#"{"id":"\#(base)","author":1}"#.utf8), Array(#"{"id":"\#(top)"}"#.utf8)]
        )
        let error = #expect(throws: UnconvertibleImage.self) { try ConvertedImage(chain: chain) }
        #expect(error?.description.contains("image \(base): ") == true)
    }
}
