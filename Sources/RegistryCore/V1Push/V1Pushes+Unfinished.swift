/// What was received for unfinished images.
extension V1Pushes {
    /// Saves small layers, which are only in memory, in a second: their checksum usually arrives before.
    func saveSoon() async {
        guard await ledger.beginWaiting() else { return }
        Task {
            do {
                try await Task.sleep(for: .seconds(1))
                await ledger.endWaiting()
                try await save()
            } catch {
                // They stay in memory until the next layer arrives.
            }
        }
    }

    /// Writes small layers that are only in memory to files, so that they survive a restart.
    func save() async throws {
        for place in await ledger.unsaved {
            try await locks.withLock(place.image) { try await candidates.save(at: place) }
        }
    }

    /// Removes what was pushed for unfinished images that were idle for a week at `now`, the storage's time.
    package func removeAbandoned(now: Int64 = WallClock.now) async throws {
        try await candidates.removeOld(now: now, locking: locks)
    }
}
