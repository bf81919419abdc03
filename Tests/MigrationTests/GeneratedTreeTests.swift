import Foundation
import Migration
import NIOPosix
import Storage
import TestSupport
import Testing

@Suite struct GeneratedTreeTests {
    @Test("every sound tag of a generated tree is converted, all damage is reported with the right reason, twice")
    func damages() async throws {
        let root = FileManager.default.temporaryDirectory.appending(path: "longshore-generated-\(UUID())")
        defer { do { try FileManager.default.removeItem(at: root) } catch {} }
        func storage(_ name: String) async throws -> FileSystemStorage {
            let path = root.appending(path: name).path(percentEncoded: false)
            return try await FileSystemStorage.open(root: path, access: .readWrite, threadPool: .singleton)
        }
        let size = GeneratedTree.Size(imageCount: 160, byteCount: 4_000_000, damageInterval: 4)
        let tree = try GeneratedTree(at: root.appending(path: "v1"), size, seed: 6)
        #expect(Set(tree.damages.map(\.kind)) == Set(DamageCase.allCases))
        let run = MigrationRun(from: try await storage("v1"), to: try await storage("v2"))
        for isFirst in [true, false] {
            let result = try await run()
            #expect(result.changedNothing == !isFirst)
            let file = root.appending(path: "report.json")
            try MigrationReport(result, host: "here", source: "v1", destination: "v2", started: .now, finished: .now)
                .encoded()
                .write(to: file)
            let report = try MigrationReportDocument(at: file.path(percentEncoded: false))
            #expect(tree.deviations(in: report) == [])
        }
    }
}
