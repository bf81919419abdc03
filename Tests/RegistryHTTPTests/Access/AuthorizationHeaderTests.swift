import SystemLibraries
import Testing

@testable import RegistryHTTP

@Suite("The credentials of a request")
struct AuthorizationHeaderTests {
    static let headers: [(String?, AuthorizationHeader)] = [
        (nil, .none),
        ("", .none),
        ("Basic Og==", .none),
        ("Basic YW15OnNlY3JldA==", .basic(user: "amy", password: Array("secret".utf8))),
        ("basic  YW15OnNlY3JldA==", .basic(user: "amy", password: Array("secret".utf8))),
        ("Basic YW15OmE6Yg==", .basic(user: "amy", password: Array("a:b".utf8))),
        ("Basic YW15Og==", .basic(user: "amy", password: [])),
        ("Basic OnB3", .basic(user: "", password: Array("pw".utf8))),
        ("Basic YW15", .unknown),
        ("Basic !", .unknown),
        ("Basic", .unknown),
        ("Basic /zpw", .unknown),
        ("Bearer a.b.c", .bearer("a.b.c")),
        ("BEARER a.b.c", .bearer("a.b.c")),
        ("Bearer", .unknown),
        ("Token signature=x.y,repository=\"a/b\",access=read", .v1Token(signature: "x.y")),
        ("Token Token signature=x.y,repository=\"a/b\",access=read", .v1Token(signature: "x.y")),
        ("Token repository=\"a/b\"", .unknown),
        ("Negotiate abc", .unknown),
    ]

    @Test("are read from its header", arguments: headers)
    func reads(header: String?, expected: AuthorizationHeader) { #expect(AuthorizationHeader(header) == expected) }

    private let secret = MessageAuthentication(key: [1, 2, 3])
    private let ticket = SessionToken(
        purpose: .v1,
        user: "amy",
        passwordFingerprint: "s",
        repository: "team/app",
        access: "write",
        expiry: 1000
    )

    @Test("are recognized when this server issued them")
    func tickets() {
        let text = ticket.signed(by: secret)
        #expect(SessionToken(text, purpose: .v1, signedBy: secret, now: 999) == ticket)
        #expect(ticket.actions == [.pull, .push])
        #expect(text.allSatisfy { $0.isASCII && !",\"= ".contains($0) })
    }

    @Test("are nothing when expired, meant for the other protocol, or signed by another server")
    func badTickets() {
        let text = ticket.signed(by: secret)
        #expect(SessionToken(text, purpose: .v1, signedBy: secret, now: 1000) == nil)
        #expect(SessionToken(text, purpose: .v2, signedBy: secret, now: 999) == nil)
        #expect(SessionToken(text, purpose: .v1, signedBy: MessageAuthentication(key: [1]), now: 999) == nil)
        for index in text.indices {
            var changed = text
            changed.replaceSubrange(index...index, with: text[index] == "A" ? "B" : "A")
            #expect(SessionToken(changed, purpose: .v1, signedBy: secret, now: 999) == nil)
        }
    }
}
