extension UInt8 {
    /// Whether this byte is one of `0`–`9` and `a`–`f`.
    package var isLowercaseHexDigit: Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(self)
    }
}

extension String {
    /// The bytes in lowercase hexadecimal, two digits each.
    package init(lowercaseHexOf bytes: some Collection<UInt8>) {
        let digits = Array("0123456789abcdef".utf8)
        self.init(unsafeUninitializedCapacity: bytes.count * 2) { buffer in
            var index = 0
            for byte in bytes {
                buffer[index] = digits[Int(byte >> 4)]
                buffer[index + 1] = digits[Int(byte & 15)]
                index += 2
            }
            return index
        }
    }
}
