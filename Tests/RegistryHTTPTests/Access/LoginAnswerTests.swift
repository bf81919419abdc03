import RegistryHTTP
import Synchronization
import SystemLibraries
import Testing

@Suite("A login that fails")
struct LoginAnswerTests {
    @Test(
        "is answered the same, whether there is such a user or not",
        arguments: [
            "/v2/", "/v2/_token", "/v2/_catalog", "/v2/team/app/tags/list", "/v2/public/app/tags/list", "/v1/users/",
            "/v1/search?q=app", "/v1/repositories/team/app/tags", "/v1/images/\(TestImage.id("abc1"))/json",
        ]
    )
    func sameAnswer(target: String) async throws {
        try await withAccessWorld { world in
            var answers: [TestAnswer] = []
            for person in [AccessWorld.Person.wrongPassword, .unknownUser] {
                answers.append(try await AccessClient(port: world.port, person: person).send("GET", target))
            }
            #expect(answers.allSatisfy { $0.status == 401 })
            #expect(answers[0].text == answers[1].text)
            let fields = answers.map { answer in answer.headers.filter { $0.name != "date" }.map { "\($0)" } }
            #expect(fields[0] == fields[1])
        }
    }

    @Test("keeps nobody waiting who needs no hash, however many wait for one")
    func queue() async throws {
        let tree = try ScratchTree()
        let users = try ScratchTree()
        let slow = "slow:\(try PasswordHash.bcrypt("slow", cost: 13).text)\n"
        try users.write(try AccessWorld.users() + slow, to: "users")
        let access = try AccessWorld.settings(users: "\(users.path)/users")
        try await withRegistry(over: tree.open(), access: access) { port, _ in
            let boss = AccessClient(port: port, person: .boss)
            let nobody = AccessClient(port: port, person: .nobody)
            #expect(try await boss.send("GET", "/v2/").status == 200)
            let ended = Endings()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<12 {
                    let login = "Basic \(Base64.encode(Array("slow:\(number)".utf8)))"
                    group.addTask {
                        let client = AccessClient(port: port, person: .nobody, authorization: login)
                        let status = try await client.send("GET", "/v2/").status
                        #expect(status == 401)
                        ended.count.withLock { $0 += 1 }
                    }
                }
                for _ in 0..<3 {
                    #expect(try await boss.send("GET", "/v2/_catalog").status == 200)
                    #expect(try await nobody.send("GET", "/v1/_ping").status == 200)
                    #expect(try await nobody.send("GET", "/v2/").status == 401)
                }
                #expect(ended.count.withLock { $0 } < 12)
                try await group.waitForAll()
            }
        }
    }
}

/// How many logins have been answered.
private final class Endings: Sendable {
    let count = Mutex(0)
}
