/// What is not compressed, passed on.
final class PlainDecoder: StreamDecoder {
    func decode(
        _ input: inout UnsafeRawBufferPointer,
        into output: UnsafeMutableRawBufferPointer
    ) throws(DecompressionError) -> Int {
        let count = min(input.count, output.count)
        output.copyMemory(from: UnsafeRawBufferPointer(rebasing: input[..<count]))
        input.removeFirst(count)
        return count
    }

    func finish() throws(DecompressionError) {}
}
