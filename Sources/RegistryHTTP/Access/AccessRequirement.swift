/// What a caller must be allowed to do. APIs derive it from path and method.
package enum AccessRequirement: Equatable {
    /// Nothing: the response contains no user's data.
    case nothing
    /// To be logged in, or to be admitted without a login.
    case login
    /// To list repositories; callers see the ones they may pull.
    case catalogue
    /// To search; callers find what they may pull.
    case search
    /// To perform these actions on a repository.
    case repository([AccessNeed])
    /// To read a v1 image. The handler decides, since it depends on which repositories contain the image.
    case image
    /// To push v1 images to some repository: the request does not name it.
    case imagePush

    /// To perform these actions on one repository, as spelled in the request.
    package static func actions(_ actions: AccessAction..., on repository: String) -> AccessRequirement {
        .repository(actions.map { AccessNeed(action: $0, repository: repository) })
    }
}

/// An action on a repository, in the terms of registry:2's tokens.
package enum AccessAction: String, Sendable, CaseIterable {
    /// To see the repository and read its content.
    case pull
    /// To add content. Pushing involves reading: every push needs ``pull`` too.
    case push
    /// To delete content.
    case delete
}

/// An action on a repository that a request needs permission for.
package struct AccessNeed: Equatable, Sendable {
    package let action: AccessAction
    /// The repository, as spelled in the request.
    package let repository: String
}
