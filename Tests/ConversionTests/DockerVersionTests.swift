import Testing

@testable import Conversion

@Suite("Docker's version")
struct DockerVersionTests {
    @Test(
        "is below 1.8.3 where its numbers are",
        arguments: [
            ("", true), ("1", true), ("1.8", true), ("1.8.2", true), ("1.8.3", false), ("1.8.3.0", false),
            ("1.8.10", false),
            ("1.9", false), ("1.10.0", false), ("1.10.0-dev", false), ("1.8.3-el7.centos", true), ("1.8.4-fc22", true),
            ("1.9.1-fc23", false), ("2", false), ("v1.9", true), ("dev", true), ("1.+8.+3", false), ("1.-9.9", true),
            ("1..9", true), ("1.8.3 ", true), ("99999999999999999999", false), ("-99999999999999999999.9", true),
            ("1.8.99999999999999999999", false), ("17.05.0-ce", false), ("1.8.3.-1", true),
        ]
    )
    func comparison(text: String, isBelow: Bool) {
        #expect((DockerVersion(text) < DockerVersion("1.8.3")) == isBelow)
    }

    @Test("before 1.8.3 is recognized by its numbers")
    func equality() {
        #expect(DockerVersion("1.8.3") == DockerVersion("1.08.3.0-x"))
        #expect(DockerVersion("1.8.3") != DockerVersion("1.8.4"))
    }
}
