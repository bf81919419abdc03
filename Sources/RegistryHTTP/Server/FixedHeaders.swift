package import HTTPTypes

/// Adds the same header fields to every answer of another: `http.headers`.
package struct FixedHeaders: RegistryResponder {
    private let fields: HTTPFields
    private let responder: any RegistryResponder

    package init(_ fields: HTTPFields, around responder: any RegistryResponder) {
        self.fields = fields
        self.responder = responder
    }

    package func answer(_ request: RegistryRequest) async -> HTTPAnswer {
        var answer = await responder.answer(request)
        answer.headers.append(contentsOf: fields)
        return answer
    }
}
