import Conversion
import Testing

@Suite("Configuration of an image made by a Docker before 1.8.3: through the typed record")
struct TypedConfigurationTests {
    private static let created = #""created":"0001-01-01T00:00:00Z""#

    /// The members of a written container configuration: the zero record with some fields replaced.
    private func configuration(_ fields: [String: String]) -> String {
        let zeros: [(String, String?)] = [
            ("Hostname", #""""#), ("Domainname", #""""#), ("User", #""""#), ("AttachStdin", "false"),
            ("AttachStdout", "false"), ("AttachStderr", "false"), ("ExposedPorts", nil), ("Tty", "false"),
            ("OpenStdin", "false"), ("StdinOnce", "false"), ("Env", "null"), ("Cmd", "null"), ("Healthcheck", nil),
            ("ArgsEscaped", nil), ("Image", #""""#), ("Volumes", "null"), ("WorkingDir", #""""#),
            ("Entrypoint", "null"),
            ("NetworkDisabled", nil), ("MacAddress", nil), ("OnBuild", "null"), ("Labels", "null"), ("StopSignal", nil),
            ("StopTimeout", nil), ("Shell", nil),
        ]
        let written = zeros.compactMap { name, zero in (fields[name] ?? zero).map { "\"\(name)\":\($0)" } }
        return "{\(written.joined(separator: ","))}"
    }

    @Test(
        "top-level fields are written unless empty, unknown ones are dropped",
        arguments: [
            (#","unknown":1,"rootfs":7"#, ""),
            (#","author":"","comment":"","container":"","os":"","architecture":"","Size":0"#, ""),
            (#","AUTHOR":"a<b""#, #","author":"a\u003cb""#),
            (#","author":"a","author":null"#, #","author":"a""#),
            (#","author":"a","Author":"b""#, #","author":"b""#),
            (#","o\u017F":"long s""#, #","os":"long s""#),
            (#","doc\u212Aer_version":"1.0""#, #","docker_version":"1.0""#),
            (#","ſize":1"#, ""),
            (#","size":-5"#, ""),
        ]
    )
    func topLevel(members: String, written: String) throws {
        let rest = #""container_config":\#(configuration([:])),\#(Self.created)"#
        let isBefore = written.hasPrefix(",\"a")
        let expected = isBefore ? "{\(written.dropFirst()),\(rest)}" : "{\(rest)\(written)}"
        #expect(try TestChain.carried(members) == expected)
    }

    @Test(
        "each field of the container configuration is read and written like in Go",
        arguments: [
            ("{}", [:]),
            (#"{"hostname":"h","Unknown":{},"Memory":5}"#, ["Hostname": #""h""#]),
            (#"{"Hostname":"h","hostname":null}"#, ["Hostname": #""h""#]),
            (#"{"Tty":true,"tty":null}"#, ["Tty": "true"]),
            (#"{"Cmd":"sh"}"#, ["Cmd": #"["sh"]"#]),
            (#"{"Cmd":""}"#, ["Cmd": #"[""]"#]),
            (#"{"Cmd":[]}"#, ["Cmd": "[]"]),
            (#"{"Cmd":["a"],"Cmd":null}"#, [:]),
            (#"{"Cmd":["a","b"],"Cmd":[null]}"#, ["Cmd": #"[""]"#]),
            (#"{"Entrypoint":["<",null,"\ud800"]}"#, ["Entrypoint": "[\"\\u003c\",\"\",\"\u{FFFD}\"]"]),
            (#"{"Shell":[]}"#, [:]),
            (#"{"Shell":"x"}"#, ["Shell": #"["x"]"#]),
            (#"{"Env":[]}"#, ["Env": "[]"]),
            (#"{"Env":["a",null]}"#, ["Env": #"["a",""]"#]),
            (#"{"Env":["a","b"],"Env":[null]}"#, ["Env": #"["a"]"#]),
            (#"{"Env":["a","b"],"Env":["x"],"Env":[null,null,null]}"#, ["Env": #"["x","b",""]"#]),
            (#"{"Env":["a"],"Env":[],"Env":[null]}"#, ["Env": #"[""]"#]),
            (#"{"Env":["a"],"Env":null,"Env":[null]}"#, ["Env": #"[""]"#]),
            (#"{"OnBuild":["RUN"]}"#, ["OnBuild": #"["RUN"]"#]),
            (#"{"Volumes":{}}"#, ["Volumes": "{}"]),
            (#"{"Volumes":{"/b":{"x":1},"/a":null}}"#, ["Volumes": #"{"/a":{},"/b":{}}"#]),
            (#"{"Volumes":{"/b":{}},"Volumes":{"/a":{}}}"#, ["Volumes": #"{"/a":{},"/b":{}}"#]),
            (#"{"Volumes":{"/b":{}},"Volumes":null}"#, [:]),
            (#"{"ExposedPorts":{}}"#, [:]),
            (#"{"ExposedPorts":{"80/tcp":{},"443/tcp":{}}}"#, ["ExposedPorts": #"{"443/tcp":{},"80/tcp":{}}"#]),
            (#"{"Labels":{"z":"1","a":"<","Z":null}}"#, ["Labels": #"{"Z":"","a":"\u003c","z":"1"}"#]),
            (#"{"Labels":{"a":"1"},"labelſ":{"b":"2","a":"3"}}"#, ["Labels": #"{"a":"3","b":"2"}"#]),
            (#"{"Labels":{}}"#, ["Labels": "{}"]),
            (#"{"NetworkDisabled":false,"ArgsEscaped":true}"#, ["ArgsEscaped": "true"]),
            (#"{"MacAddress":"02:42","StopSignal":"9"}"#, ["MacAddress": #""02:42""#, "StopSignal": #""9""#]),
            (#"{"StopTimeout":0}"#, ["StopTimeout": "0"]),
            (#"{"StopTimeout":-7}"#, ["StopTimeout": "-7"]),
            (#"{"StopTimeout":5,"StopTimeout":null}"#, [:]),
            (#"{"Healthcheck":{}}"#, ["Healthcheck": "{}"]),
            (
                #"{"Healthcheck":{"Interval":5000000000,"Timeout":0,"StartPeriod":1}}"#,
                ["Healthcheck": #"{"Interval":5000000000}"#]
            ),
            (
                #"{"Healthcheck":{"Retries":3},"Healthcheck":{"Test":["NONE"]}}"#,
                ["Healthcheck": #"{"Test":["NONE"],"Retries":3}"#]
            ),
            (#"{"Healthcheck":{"Retries":-0,"Test":[]}}"#, ["Healthcheck": "{}"]),
            (#"{"Healthcheck":null}"#, [:]),
        ] as [(String, [String: String])]
    )
    func containerConfiguration(json: String, fields: [String: String]) throws {
        let expected = configuration(fields)
        #expect(
            try TestChain.carried(#","config":\#(json)"#)
                == #"{"config":\#(expected),"container_config":\#(configuration([:])),\#(Self.created)}"#
        )
        #expect(
            try TestChain.carried(#","container_config":\#(json)"#)
                == #"{"container_config":\#(expected),\#(Self.created)}"#
        )
    }

    @Test("a second config is merged into the first, and null removes it")
    func mergedConfiguration() throws {
        let rest = #""container_config":\#(configuration([:])),\#(Self.created)}"#
        #expect(
            try TestChain.carried(#","config":{"User":"u"},"config":{"Tty":true}"#)
                == #"{"config":\#(configuration(["User": #""u""#, "Tty": "true"])),\#(rest)"#
        )
        #expect(try TestChain.carried(#","config":{"User":"u"},"config":null"#) == "{\(rest)")
        #expect(
            try TestChain.carried(#","container_config":{"User":"u"},"container_config":null"#)
                == #"{"container_config":\#(configuration(["User": #""u""#])),\#(Self.created)}"#
        )
    }

    /// Thousands of elements with as many repeated keys: copying everything read before for each would take minutes.
    @Test(
        "repeated keys cost time in proportion to their length",
        arguments: ["config", "container_config"],
        [
            (#""Labels":{"#, #""%":"""#, #"}"#, #""Labels":{"a":""}"#), (#""Env":["#, #""%""#, "]", #""Env":["a"]"#),
            (#""Volumes":{"#, #""%":{}"#, "}", #""Volumes":{"a":{}}"#),
        ]
    )
    func repeatedKeys(key: String, field: (start: String, item: String, end: String, again: String)) throws {
        let items = (0..<5_000).map { field.item.replacing("%", with: "\($0)") }.joined(separator: ",")
        let again = Array(repeating: field.again, count: 5_000).joined(separator: ",")
        let members = #","\#(key)":{\#(field.start)\#(items)\#(field.end),\#(again)}"#
        let isList = field.end == "]"
        let configuration = try ConvertedImage(chain: TestChain.single(members)).configuration
        // Maps are merged; a list replaces the previous one.
        #expect(configuration.count > 10_000 || isList)
    }
}
