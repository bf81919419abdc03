/// Why a tag does not get its name: another one, with another image, has it in v2.
struct TakenName: Error, Equatable, CustomStringConvertible {
    /// The name in v2.
    let target: String
    /// The tag of v1 that has it.
    let owner: String

    var description: String {
        "\(owner) becomes \(target) too, and names another image; --library, --map or --exclude keep them apart"
    }
}
