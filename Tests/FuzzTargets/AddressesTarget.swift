import Migration
import RegistryClient
import RegistryCore
import RegistryHTTP
import SystemLibraries

extension FuzzTarget {
    /// Operator input: addresses to listen on, registries, renames, tag patterns.
    static let addresses = FuzzTarget("addresses") { input in
        let (text, rest) = FuzzInput.firstLine(input)
        if let address = try? ListenAddress(parsing: text) {
            let again = try ListenAddress(parsing: address.description)
            try require(again == address, "an address can be written and read back")
        }
        _ = try? RegistryAddress(parsing: text, password: nil)
        _ = CertificateHost(text)
        let other = FuzzInput.text(rest)
        _ = Glob(text).matches(other)
        _ = Glob(text).repositories.matches(other)
        if let rename = try? NameMapping.Rename(parsing: text) {
            let name = V1RepositoryName(namespace: V1RepositoryName.libraryNamespace, repository: other)
            _ = try? NameMapping(library: .keep, renames: [rename]).name(of: name)
        }
    }
}
