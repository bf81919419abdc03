extension ObjectStorage {
    /// Whether there is something under each key, in their order.
    ///
    /// What is there and cannot be looked at is not absent.
    package func exist(_ keys: [ObjectKey]) async throws(StorageError) -> [Bool] {
        do throws(StorageError) {
            return try await attributes(of: keys).map { $0 != nil }
        } catch let error where error.isOfOneObject && keys.count > 1 {
            var all: [Bool] = []
            for key in keys { all += try await exist([key]) }
            return all
        } catch let error where error.isOfOneObject && keys.count == 1 {
            return [true]
        }
    }
}
