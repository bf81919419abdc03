import ImageModel
import RegistryCore
import RegistryHTTP

/// What all views need to know about a request.
struct PageContext: Sendable {
    let request: RegistryRequest
    /// The caller, as signed in, or anonymous.
    let caller: Caller
    /// The user who is signed in.
    let user: String?
    let links: PageLinks
    /// The token for forms of the session; empty without one.
    let token: String
    /// The server's host and port, as clients write it.
    let host: String
    /// Whether the browser reaches the server over TLS.
    let isEncrypted: Bool
    /// Whether anybody may delete here, and the caller has signed in.
    let allowsDeletes: Bool

    /// Whether the caller may delete from a repository.
    func mayDelete(_ name: String) -> Bool { allowsDeletes && caller.may(.delete, name) }
}

/// A label on a tag or an image.
struct Chip: Sendable {
    let text: String
    /// `good`, `warn`, `bad`, or empty.
    var tone = ""
}

/// A name with its value.
struct Fact: Sendable {
    let label: String
    let value: String
    /// Whether it is shown in a fixed-width font.
    var isCode = false
    /// A page about it.
    var target: String?
}

/// A title with a link.
struct PageLink: Sendable {
    let title: String
    let link: String
}

/// The position in a list, with links to the pages before and after.
struct PagePosition: Sendable {
    let position: String
    let previous: String?
    let next: String?
}

/// A page of a list.
struct PageSlice: Sendable {
    /// The number of the page, from 1.
    let number: Int
    let size: Int
    let total: Int

    /// - Parameter text: The number as sent; anything that is not a page of the list is its nearest page.
    init(_ text: String?, size: Int, total: Int) {
        let last = max(1, (total + size - 1) / size)
        self.number = min(max(text.flatMap { Int($0) } ?? 1, 1), last)
        self.size = size
        self.total = total
    }

    var range: Range<Int> { (number - 1) * size..<min(number * size, total) }

    /// The links; nil if there is one page only.
    func position(_ link: (_ page: String) -> String) -> PagePosition? {
        guard total > size else { return nil }
        return PagePosition(
            position: "\(range.lowerBound + 1)–\(range.upperBound) of \(total)",
            previous: number > 1 ? link(number == 2 ? "" : "\(number - 1)") : nil,
            next: range.upperBound < total ? link("\(number + 1)") : nil
        )
    }
}

/// Why a page cannot be shown.
enum PageProblem: Error {
    /// There is no such thing, or the caller may not see it.
    case unknown(String)
    /// The caller may see it, and not do this.
    case forbidden(String)
}
