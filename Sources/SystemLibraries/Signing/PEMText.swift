internal import COpenSSL

/// PEM, the text format of keys and certificates.
enum PEMText {
    /// Passes the text to a libcrypto reader, which returns nil on failure.
    static func read(_ text: [UInt8], _ reader: (OpaquePointer) -> OpaquePointer?) -> OpaquePointer? {
        text.withUnsafeBytes { bytes in
            guard let input = BIO_new_mem_buf(bytes.baseAddress, Int32(clamping: bytes.count)) else { return nil }
            defer { BIO_free(input) }
            let value = reader(input)
            if value == nil { ERR_clear_error() }
            return value
        }
    }

    /// Collects the text that a libcrypto writer produces.
    static func write(_ writer: (OpaquePointer) -> Bool) throws(KeyError) -> [UInt8] {
        guard let output = BIO_new(BIO_s_mem()) else { throw .libraryFailure(call: "BIO_new") }
        defer { BIO_free(output) }
        guard writer(output) else { throw .libraryFailure(call: "PEM_write_bio") }
        var start: UnsafeMutablePointer<CChar>?
        let count = BIO_ctrl(output, BIO_CTRL_INFO, 0, &start)
        guard let start else { throw .libraryFailure(call: "BIO_ctrl") }
        return Array(UnsafeRawBufferPointer(start: start, count: count))
    }
}
