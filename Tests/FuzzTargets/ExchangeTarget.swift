import HTTPTypes
import RegistryHTTP

extension FuzzTarget {
    /// Requests to the whole server, one after the other, separated by `\u{1E}`: head, blank line, body.
    ///
    /// `UPLOAD` in a target stands for the location of the last upload.
    static let exchange = FuzzTarget(waiting: "exchange") { input in
        let world = try await FuzzWorld()
        var upload = ""
        for request in input.split(separator: 0x1E, maxSplits: 7) {
            var (line, rest) = FuzzInput.firstLine(Array(request))
            let words = line.split(separator: " ")
            guard words.count > 1, let method = HTTPRequest.Method(String(words[0])) else { continue }
            var fields = HTTPFields()
            while true {
                (line, rest) = FuzzInput.firstLine(rest)
                let sides = line.split(separator: ":", maxSplits: 1)
                guard sides.count == 2, let name = HTTPField.Name(String(sides[0])) else { break }
                fields.append(HTTPField(name: name, value: sides[1].trimmingPrefix(" ").description))
            }
            let target = String(words[1]).replacing("UPLOAD", with: upload)
            let response = try await world.response(method, target, headers: fields, body: rest)
            if let location = response.headers[.location], location.contains("/uploads/") { upload = location }
        }
    }
}
