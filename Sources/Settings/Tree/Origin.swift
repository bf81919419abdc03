/// Where a value of the configuration was written.
package enum Origin: Hashable, Sendable, CustomStringConvertible {
    /// Nowhere: it is what holds when nothing is said.
    case preset
    /// In the file, on this line.
    case file(line: Int)
    /// In a variable of the environment.
    case environment(String)
    /// On the command line.
    case option(String)

    package var description: String {
        switch self {
        case .preset: "default"
        case .file(let line): "line \(line) of the file"
        case .environment(let name): "$\(name)"
        case .option(let name): name
        }
    }
}
