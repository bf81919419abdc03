import HTTPTypes

/// What was asked for is there, but not by this method.
struct MethodNotAllowed: Error, Equatable {
    /// The method that was used.
    let method: HTTPRequest.Method
    /// Those that could have been.
    let allowed: [HTTPRequest.Method]
}

/// Refuses a method that what was asked for does not have.
func allow(_ methods: [HTTPRequest.Method], _ request: RegistryRequest) throws(MethodNotAllowed) {
    guard methods.contains(request.method) else {
        throw MethodNotAllowed(method: request.method, allowed: methods)
    }
}
