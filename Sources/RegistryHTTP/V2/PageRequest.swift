import RegistryCore

/// Which page of a list is asked for: `?n=…&last=…`.
struct PageRequest: Equatable {
    /// The most entries; nil when the client does not say. A number too large to be one counts as the largest.
    let size: Int?
    /// The last entry of the page before; nil for the first page.
    let last: String?

    /// - Throws: ``RegistryError/malformedPageSize(_:)`` unless `n` is empty or made of digits.
    init(_ request: RegistryRequest) throws(RegistryError) {
        let last = request.query["last"] ?? ""
        self.last = last.isEmpty ? nil : last
        let text = request.query["n"] ?? ""
        guard text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else {
            throw .malformedPageSize(text)
        }
        size = text.isEmpty ? nil : Int(text) ?? .max
    }
}
