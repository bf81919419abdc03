import ImageModel
import SystemLibraries
import Testing

@Suite struct StreamingDigestTests {
    /// FIPS 180-4, examples of NIST: "abc", the empty message, messages of 448 and 896 bits.
    static let vectors: [(Digest.Algorithm, String, String)] = [
        (.sha256, "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (.sha256, "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        (
            .sha256, "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
        (
            .sha512, "abc",
            "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
                + "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"
        ),
        (
            .sha512, "",
            "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce"
                + "47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e"
        ),
        (
            .sha512,
            "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmn"
                + "hijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
            "8e959b75dae313da8cf4f72814fc143f8f7779c6eb9f7fa17299aeadb6889018"
                + "501d289e4900f7e4331b99dec4b5433ac7d329eeb6dd26545e96e55b874be909"
        ),
    ]

    @Test("computes the digests of NIST's examples", arguments: vectors)
    func examples(algorithm: Digest.Algorithm, message: String, hex: String) throws {
        #expect(Digest(algorithm, of: message.utf8) == (try Digest(algorithm, hex: hex)))
        #expect(Digest(algorithm, of: Array(message.utf8).lazy.map { $0 }) == (try Digest(algorithm, hex: hex)))
    }

    @Test("computes the digest of NIST's million letters, and counts them")
    func million() throws {
        var hash = StreamingDigest(.sha256)
        for _ in 0..<1000 { hash.update(Array(repeating: UInt8(ascii: "a"), count: 1000)) }
        #expect(hash.digest().hex == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
        #expect(hash.byteCount == 1_000_000)
    }

    @Test("is independent of how the bytes are cut", arguments: Digest.Algorithm.allCases)
    func cuts(algorithm: Digest.Algorithm) {
        let message = Testdata.noise(300, seed: 1)
        for cut in 0...message.count {
            var hash = StreamingDigest(algorithm)
            hash.update(message[..<cut])
            hash.update(message[cut...])
            #expect(hash.digest() == Digest(algorithm, of: message))
        }
    }

    @Test("continues after its digest was requested, and a copy is independent")
    func copies() {
        var hash = StreamingDigest(.sha256)
        hash.update(Array("ab".utf8))
        let copy = hash
        #expect(hash.digest() == Digest(.sha256, of: "ab".utf8))
        hash.update(Array("c".utf8))
        #expect(hash.digest() == Digest(.sha256, of: "abc".utf8))
        #expect(copy.digest() == Digest(.sha256, of: "ab".utf8))
    }

    @Test("continues where it was saved, after any number of bytes", arguments: Digest.Algorithm.allCases)
    func restores(algorithm: Digest.Algorithm) throws {
        let message = Testdata.noise(300, seed: 2)
        for cut in 0...message.count {
            var hash = StreamingDigest(algorithm)
            hash.update(message[..<cut])
            var restored = try StreamingDigest(restoring: hash.savedState)
            #expect(restored.algorithm == algorithm)
            #expect(restored.byteCount == Int64(cut))
            #expect(restored.savedState == hash.savedState)
            restored.update(message[cut...])
            #expect(restored.digest() == Digest(algorithm, of: message))
        }
    }

    @Test("continues after 4 GiB, where the bit count needs a second word")
    func restoresBigCounts() throws {
        let zeros = [UInt8](repeating: 0, count: 1 << 20)
        var hash = StreamingDigest(.sha256)
        for _ in 0..<513 { hash.update(zeros) }
        var restored = try StreamingDigest(restoring: hash.savedState)
        hash.update([1])
        restored.update([1])
        #expect(restored.digest() == hash.digest())
    }

    @Test("is always saved in the same format")
    func form() {
        var hash = StreamingDigest(.sha256)
        hash.update(Array("abc".utf8))
        let expected =
            "4c53484401010000000000000003" + "6a09e667bb67ae853c6ef372a54ff53a510e527f9b05688c1f83d9ab5be0cd19"
            + "616263"
        #expect(String(lowercaseHexOf: hash.savedState.dropLast(8)) == expected)
    }

    @Test("refuses a saved state that is cut, longer, or differs by a bit", arguments: Digest.Algorithm.allCases)
    func refuses(algorithm: Digest.Algorithm) {
        var hash = StreamingDigest(algorithm)
        hash.update(Testdata.noise(200, seed: 3))
        let saved = hash.savedState
        for count in 0..<saved.count {
            #expect(throws: MalformedDigestState.self) { try StreamingDigest(restoring: Array(saved[..<count])) }
        }
        #expect(throws: MalformedDigestState.self) { try StreamingDigest(restoring: saved + [0]) }
        for bit in 0..<(saved.count * 8) {
            var other = saved
            other[bit / 8] ^= 1 << (bit % 8)
            #expect(throws: MalformedDigestState.self) { try StreamingDigest(restoring: other) }
        }
        #expect(throws: MalformedDigestState.self) { try StreamingDigest(restoring: Testdata.noise(200, seed: 4)) }
    }
}
