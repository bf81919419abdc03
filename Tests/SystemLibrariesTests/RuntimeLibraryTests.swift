import Testing

@testable import SystemLibraries

@Suite struct RuntimeLibraryTests {
    @Test("names a missing library")
    func missing() {
        let names = ["liblongshore-absent.so.0"]
        #expect(throws: DecompressionError.libraryMissing(.bzip2)) { try Bzip2Decoder(fileNames: names) }
        #expect(throws: DecompressionError.libraryMissing(.lzma)) { try LzmaDecoder(.xz, fileNames: names) }
        #expect(throws: DecompressionError.libraryMissing(.zstd)) { try ZstdDecoder(fileNames: names) }
    }

    @Test("does not mistake another library for the one it needs")
    func other() {
        #expect(throws: DecompressionError.libraryMissing(.zstd)) {
            try ZstdDecoder(fileNames: RuntimeLibrary.lzma.fileNames)
        }
    }

    @Test(
        "says which package contains it",
        arguments: [
            (RuntimeLibrary.bzip2, "libbz2.so.1.0", "libbz2-1.0"), (.lzma, "liblzma.so.5", "liblzma5"),
            (.zstd, "libzstd.so.1", "libzstd1"),
        ]
    )
    func says(library: RuntimeLibrary, name: String, package: String) {
        for sentence in ["\(DecompressionError.libraryMissing(library))", "\(LayerDamage.libraryMissing(library))"] {
            #expect(sentence.contains(name))
            #expect(sentence.contains("package \(package)"))
        }
    }
}
