import Foundation
import Migration
import Storage
import Testing

@Suite struct FileStampTests {
    private let attributes = ObjectAttributes(
        kind: .object,
        byteCount: 5,
        modified: 7,
        version: ObjectVersion(byteCount: 5, modified: 7, inode: 9)
    )

    @Test("a stamp is unchanged after being written to a journal")
    func kept() throws {
        let stamp = FileStamp(attributes)
        #expect(try JSONDecoder().decode(FileStamp.self, from: JSONEncoder().encode(stamp)) == stamp)
    }

    @Test("a stamp of version 0.1.0 equals that of the same file")
    func old() throws {
        let text = #"{"byteCount":5,"identity":9,"modified":7}"#
        #expect(try JSONDecoder().decode(FileStamp.self, from: Data(text.utf8)) == FileStamp(attributes))
    }
}
