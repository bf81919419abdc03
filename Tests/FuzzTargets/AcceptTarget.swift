import Conversion
import ImageModel

extension FuzzTarget {
    /// `Accept` headers, one per line, and the form served to a client that sends them.
    static let accept = FuzzTarget("accept") { input in
        let headers = FuzzInput.text(input).split(separator: "\n").map(String.init)
        for isBeforeSchema2 in [false, true] {
            let preference = ManifestPreference(accept: headers, isBeforeSchema2: isBeforeSchema2)
            for kind in Manifest.Kind.allCases {
                let answers = preference.forms(for: kind)
                try require(Set(answers).count == answers.count, "no form of a manifest is tried twice")
            }
        }
        let accepted = AcceptedTypes(headers)
        for type in headers.map({ MediaType($0) }) {
            try require(MediaType(type.description) == type, "a media type can be written and read back")
            if let weight = accepted.weight(ofNamed: type) {
                try require((0...1000).contains(weight), "a weight is between 0 and 1")
            }
        }
    }
}
