import Dispatch
import NIOPosix
import SystemLibraries
import Testing

@testable import RegistryHTTP

@Suite("A failed login")
struct LoginAnswerTests {
    @Test(
        "gets the same response whether or not the user exists",
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
            let fields = answers.map { answer in
                answer.headers.filter { !["date", "x-request-id"].contains($0.name) }.map { "\($0)" }
            }
            #expect(fields[0] == fields[1])
        }
    }

    @Test("delays no request that needs no hash, however many are waiting for one")
    func queue() async throws {
        let tree = try ScratchTree()
        let users = try ScratchTree()
        try users.write(try AccessWorld.users(), to: "users")
        let access = try AccessWorld.settings(users: "\(users.path)/users")
        try await withRegistry(over: tree.open(), access: access) { port, _ in
            try await withClient(of: port) { boss in
                let nobody = try TestClient(port: port)
                let guessers = try (0..<12).map { _ in try TestClient(port: port) }
                #expect(try boss.exchange(request("/v2/", "boss:boss-password")).status == 200)
                let gate = DispatchSemaphore(value: 0)
                for _ in 0..<PasswordVerifier.threadCount { PasswordVerifier.threads.submit { _ in gate.wait() } }
                do {
                    defer { for _ in 0..<PasswordVerifier.threadCount { gate.signal() } }
                    for (number, guesser) in guessers.enumerated() {
                        try guesser.send(request("/v2/", "boss:\(number)", from: number))
                    }
                    for _ in 0..<3 {
                        #expect(try boss.exchange(request("/v2/_catalog", "boss:boss-password")).status == 200)
                        #expect(try nobody.exchange(request("/v1/_ping")).status == 200)
                        #expect(try nobody.exchange(request("/v2/")).status == 401)
                    }
                }
                for guesser in guessers { #expect(try guesser.receiveAnswer().status == 401) }
            }
        }
    }

    private func request(_ target: String, _ login: String? = nil, from number: Int = 100) -> String {
        let authorization = login.map { "Authorization: Basic \(Base64.encode(Array($0.utf8)))\r\n" } ?? ""
        return "GET \(target) HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 192.0.2.\(number)\r\n\(authorization)\r\n"
    }
}
