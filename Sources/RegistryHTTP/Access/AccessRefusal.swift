/// Why a request is not answered: whoever sent it may not ask for that.
enum AccessRefusal: Error, Equatable {
    /// Nobody said who it is, or not so that it could be believed: the client shall say so, in this way.
    case unauthenticated(AccessChallenge, needs: [AccessNeed])
    /// It is known who it is.
    case denied(needs: [AccessNeed])
    /// Too many attempts to log in come from there.
    case tooManyAttempts
}
