/// A decompressor of one format. It is a class because the libraries keep pointers to the state that they work on: it
/// must stay in its place, and be given back once.
protocol StreamDecoder: AnyObject {
    /// Takes bytes from the front of `input` and writes to `output`, until one of them is used up.
    ///
    /// - Returns: How many bytes were written. Fewer than `output` has room for only when all input was taken.
    func decode(
        _ input: inout UnsafeRawBufferPointer,
        into output: UnsafeMutableRawBufferPointer
    ) throws(DecompressionError) -> Int

    /// Makes sure that the stream was whole. Nothing is decoded after that.
    func finish() throws(DecompressionError)
}

extension UnsafeRawBufferPointer {
    /// Removes the first `count` bytes.
    mutating func removeFirst(_ count: Int) { self = UnsafeRawBufferPointer(rebasing: self[count...]) }
}
