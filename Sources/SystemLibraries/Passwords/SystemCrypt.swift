internal import CCrypt

/// The system's `crypt`, which may be called from many threads at once.
enum SystemCrypt {
    /// The hash of a password with the method, salt and cost that `setting` begins with; nil for what libcrypt refuses.
    ///
    /// - Parameter setting: A hash or the start of one, ended by a zero.
    static func hash(_ password: [UInt8], setting: [CChar]) -> String? {
        let phrase = password.map { CChar(bitPattern: $0) } + [0]
        let size = MemoryLayout<crypt_data>.size
        let memory = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: MemoryLayout<crypt_data>.alignment)
        memory.initializeMemory(as: UInt8.self, repeating: 0, count: size)
        defer { memory.deallocate() }
        guard let result = crypt_rn(phrase, setting, memory, Int32(size)) else { return nil }
        return String(cString: result)
    }
}
