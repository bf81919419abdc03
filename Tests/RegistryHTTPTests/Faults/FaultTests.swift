import RegistryCore
import Storage
import Testing

@Suite("A storage whose n-th change fails") struct FaultTests {
    @Test(
        "is an error for the client, loses nothing acknowledged, and does not prevent a retry",
        arguments: FaultWorld.Request.allCases,
        FaultyStorage.Fault.allCases
    )
    func faults(request: FaultWorld.Request, fault: FaultyStorage.Fault) async throws {
        for number in 0... {
            let storage = FaultyStorage(MemoryStorage())
            let hasFailed = try await withRegistry(over: storage) { port, registry in
                let world = try await FaultWorld(port: port)
                // Nothing is left to do later, when it would count as a change of the request.
                try await registry.upkeep.save()
                storage.arm(fault, at: number)
                let status = try await world.perform(request)
                let hasFailed = storage.disarm()
                #expect(hasFailed ? [500, 503, 507].contains(status) : status < 300, "\(number): \(status)")
                try await world.verify(request, isDone: !hasFailed)
                guard hasFailed else { return false }
                // What was to be deleted may be gone.
                let again = try await world.performAgain(request)
                #expect(again < 300 || request.isDelete && again == 404, "again: \(again)")
                try await world.verifyAgain(request)
                return true
            }
            if !hasFailed {
                #expect(number > 0)
                return
            }
            try #require(number < 60)
        }
    }

    @Test(
        "that is slow blocks no reader, and shows nothing half-done",
        arguments: FaultWorld.Request.allCases
    )
    func delays(request: FaultWorld.Request) async throws {
        for number in 0... {
            let storage = FaultyStorage(MemoryStorage())
            let wasDelayed = try await withRegistry(over: storage) { port, registry in
                let world = try await FaultWorld(port: port)
                // Nothing is left to do later, when it would count as a change of the request.
                try await registry.upkeep.save()
                storage.delay(at: number)
                async let status = {
                    let status = try await world.perform(request)
                    storage.proceed()
                    return status
                }()
                let isDelayed = await storage.isDelayed()
                do {
                    if isDelayed, request.isReadableMeanwhile { try await world.verify(request, isDone: false) }
                    storage.proceed()
                } catch {
                    storage.proceed()
                    throw error
                }
                #expect(try await status < 300)
                try await world.verify(request, isDone: true)
                return isDelayed
            }
            if !wasDelayed {
                #expect(number > 0)
                return
            }
            try #require(number < 60)
        }
    }
}
