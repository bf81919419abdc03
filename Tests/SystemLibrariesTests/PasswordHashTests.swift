import SystemLibraries
import Testing

@Suite("A password hash")
struct PasswordHashTests {
    /// Hashes of `secret` made by Apache's htpasswd and libcrypt.
    static let hashes: [(PasswordHash.Scheme, String)] = [
        (.bcrypt, "$2y$05$VJZZ/cvSPe9G2ZzdoRNKZuzkOl0SdKfgCzx0enkhy4tovQQ2SaK7C"),
        (.bcrypt, "$2a$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW"),
        (.bcrypt, "$2b$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW"),
        (.apr1, "$apr1$6IMw8Ovx$iZfiM8jkVOi0tMKUSGhsD."),
        (.sha1, "{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ="),
        (.saltedSHA1, "{SSHA}gVK8WC9YyFT1gMsQHTGCgT3sSv5zYWx0"),
        (.md5Crypt, "$1$abcdefgh$cHJi5PXp/ki/ktXzqlk6I1"),
        (.sha256Crypt, "$5$U0PIzrN/PhGeYVaC$jA5fgvQtK1S6G89iozQSdGEDGV2oiogfkvHe1bMkKr1"),
        (
            .sha512Crypt,
            "$6$saltsalt$TVLlQcbpFVof5W3Yz4DTP6gRstiNuHwwTt6GLc1E5n0U0aDehy0S5knV8wiOQSpT0Y77vwPZN.Pq.H91p5hVO1"
        ),
        (.yescrypt, "$y$j9T$abcdefgh$IUWJt2doU4Kf6E/JP1UkAT3S5O3Q7SSA8SJirXIlEu9"),
        (.yescrypt, "$7$CU..../....abcdefgh$XWs9HxtpA2.6U5CDBBbcW.h3o9pYlC.MIIb8JqMgZx6"),
        (.desCrypt, "xqsAcfT51./Mc"),
    ]

    @Test("matches its password, and no other", arguments: hashes)
    func matching(scheme: PasswordHash.Scheme, text: String) throws {
        let hash = try #require(PasswordHash(text))
        #expect(hash.scheme == scheme)
        #expect(hash.matches(Array("secret".utf8)))
        for wrong in ["Secret", "", "secre", "secret\u{0}", "secret\u{0}x", text] {
            #expect(!hash.matches(Array(wrong.utf8)), "\(wrong)")
        }
        // Old crypt uses only eight characters.
        #expect(hash.matches(Array("secretly".utf8)) == false)
    }

    @Test(
        "of an unknown scheme is refused",
        arguments: ["", "secret", "$3$x", "{MD5}abc", "plain text pw", "$", "xqsAcfT51./M", "xqsAcfT51./M:"]
    )
    func unknown(text: String) { #expect(PasswordHash(text) == nil) }

    @Test("that was cut or changed matches nothing", arguments: hashes)
    func damaged(scheme: PasswordHash.Scheme, text: String) {
        let cuts = [text.count - 2, text.count / 2, 6].map { String(text.prefix($0)) }
        for cut in cuts + [text + "x"] {
            guard let hash = PasswordHash(cut) else { continue }
            #expect(!hash.matches(Array("secret".utf8)), "\(cut)")
        }
    }

    @Test("is created with bcrypt, each time with another salt, at the requested cost")
    func making() throws {
        let first = try PasswordHash.bcrypt("pässwort", cost: 4)
        let second = try PasswordHash.bcrypt("pässwort", cost: 5)
        #expect(first.text.hasPrefix("$2y$04$") && second.text.hasPrefix("$2y$05$"))
        #expect(first.text.dropFirst(7) != second.text.dropFirst(7))
        #expect(first.matches(Array("pässwort".utf8)) && second.matches(Array("pässwort".utf8)))
        #expect(first.effort < second.effort)
    }

    @Test("is not created from a password that bcrypt would cut, nor with an unsupported cost")
    func refusals() {
        #expect(throws: PasswordHashingError.password) { try PasswordHash.bcrypt("", cost: 4) }
        #expect(throws: PasswordHashingError.password) {
            try PasswordHash.bcrypt(String(repeating: "x", count: 73), cost: 4)
        }
        #expect(throws: PasswordHashingError.password) { try PasswordHash.bcrypt("a\u{0}b", cost: 4) }
        #expect(throws: PasswordHashingError.cost(3)) { try PasswordHash.bcrypt("x", cost: 3) }
    }
}
