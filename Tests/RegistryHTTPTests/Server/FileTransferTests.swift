import Testing

@testable import RegistryHTTP

@Suite("File transfers")
struct FileTransferTests {
    @Test("a file is sent piece by piece, to its end")
    func pieces() {
        let piece = FileTransfer.pieceByteCount
        var transfer = FileTransfer(10..<piece + 20)
        #expect(transfer.next(fileByteCount: piece * 2) == .send(10..<piece + 10))
        #expect(transfer.isSending)
        transfer.pieceSent()
        #expect(!transfer.isSending)
        #expect(transfer.next(fileByteCount: piece * 2) == .send(piece + 10..<piece + 20))
        transfer.pieceSent()
        #expect(transfer.next(fileByteCount: 0) == .finish)
    }

    @Test("a transfer is aborted when its next or current piece is no longer in the file")
    func shrunkFiles() {
        var transfer = FileTransfer(0..<100)
        #expect(transfer.next(fileByteCount: 99) == .abandon)
        #expect(transfer.next(fileByteCount: 100) == .send(0..<100))
        #expect(transfer.canGoOn(fileByteCount: 100))
        #expect(!transfer.canGoOn(fileByteCount: 99))
    }
}
