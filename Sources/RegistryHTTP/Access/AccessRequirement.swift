/// What the sender of a request must be allowed to do. Its API derives that from path and method.
enum AccessRequirement: Equatable {
    /// Nothing: it shows nothing that is anyone's.
    case nothing
    /// To be logged in, or to be known as someone who need not.
    case login
    /// To see the list of all repositories, in which each sees what is theirs.
    case catalogue
    /// To search, which shows each what is theirs.
    case search
    /// To do these things with a repository.
    case repository([AccessNeed])
    /// To read a v1 image: the handler asks, for it depends on who has the image.
    case image
    /// To push v1 images to some repository: they are pushed without saying to which.
    case imagePush

    /// To do these things with one repository, as the request spells it.
    static func actions(_ actions: AccessAction..., on repository: String) -> AccessRequirement {
        .repository(actions.map { AccessNeed(action: $0, repository: repository) })
    }
}

/// What may be done with a repository, in the words of registry:2's tokens.
package enum AccessAction: String, Sendable, CaseIterable {
    /// To see that it is there, and to read what it holds.
    case pull
    /// To add to it. Whoever pushes also reads: every push needs ``pull`` too.
    case push
    /// To take out of it.
    case delete
}

/// An action on a repository that a request needs to be allowed.
struct AccessNeed: Equatable, Sendable {
    let action: AccessAction
    /// The repository, as the request spells it.
    let repository: String
}
