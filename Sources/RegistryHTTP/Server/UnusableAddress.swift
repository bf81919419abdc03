/// The system does not let the server listen where it was told to.
package struct UnusableAddress: Error, CustomStringConvertible {
    let address: ListenAddress
    let reason: String

    package var description: String { "\(address) cannot be listened on: \(reason)" }
}
