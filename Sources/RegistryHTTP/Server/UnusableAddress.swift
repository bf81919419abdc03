/// The system does not let the server listen where it was told to.
package struct UnusableAddress: Error, CustomStringConvertible {
    let place: ListeningPlace
    let reason: String

    package var description: String { "\(place) cannot be listened on: \(reason)" }
}
