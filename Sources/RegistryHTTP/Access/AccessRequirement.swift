import HTTPTypes
import RegistryCore

/// What whoever sends a request must be allowed to do, as its route and method tell.
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

    private init(_ repository: String, _ actions: AccessAction...) {
        self = .repository(actions.map { AccessNeed(action: $0, repository: repository) })
    }

    /// What a request of v2 needs. As registry:2 asks for it, but that an upload is one push from its beginning to its end,
    /// whoever looks after it or throws it away.
    init(_ route: V2Route?, _ method: HTTPRequest.Method) {
        switch route {
        case .base: self = .login
        case .catalog: self = .catalogue
        case .tags(let repository): self.init(repository, .pull)
        case .referrers(let repository, _): self.init(repository, .pull)
        case .manifest(let repository, _), .blob(let repository, _):
            switch method {
            case .get, .head, .options: self.init(repository, .pull)
            case .delete: self.init(repository, .delete)
            default: self.init(repository, .pull, .push)
            }
        case .uploads(let repository), .upload(let repository, _): self.init(repository, .pull, .push)
        case .token, nil: self = .nothing
        }
    }

    /// What a request of v1 needs.
    init(_ route: V1Route?, _ method: HTTPRequest.Method) {
        switch route {
        case .root, .ping, .redirectToSlash, nil: self = .nothing
        case .users, .user: self = .login
        case .search: self = .search
        case .repository(let name), .repositoryImages(let name), .repositoryTags(let name), .tag(let name, _),
            .repositoryProperties(let name), .repositoryAuth(let name), .repositoryJSON(let name),
            .tagJSON(let name, _):
            switch method {
            case .get, .head, .options: self.init(name.description, .pull)
            case .delete: self.init(name.description, .delete)
            default: self.init(name.description, .pull, .push)
            }
        case .imageJSON, .imageLayer, .imageAncestry, .imageFiles, .imageDiff, .imageChecksum:
            switch method {
            case .get, .head, .options: self = .image
            default: self = .imagePush
            }
        }
    }
}
