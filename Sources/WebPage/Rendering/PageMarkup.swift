import Mustache

/// The escaping of all text on the pages, much of which strangers wrote: names, tags, labels, commands.
///
/// swift-mustache's own escaping looks at whole characters, and leaves a quotation mark with a combining accent as it
/// is. This one looks at each scalar, and replaces control characters.
struct PageMarkup: MustacheContentType {
    /// Its name in templates.
    static let name = "LONGSHORE"

    func escapeText(_ text: String) -> String {
        var escaped = ""
        escaped.reserveCapacity(text.utf8.count)
        for scalar in text.unicodeScalars {
            switch scalar {
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "&": escaped += "&amp;"
            case "\"": escaped += "&quot;"
            case "'": escaped += "&#39;"
            case "\t", "\n": escaped.unicodeScalars.append(scalar)
            case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}": escaped.unicodeScalars.append("\u{FFFD}")
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}

/// The templates, parsed once.
enum PageLibrary {
    private static let library: MustacheLibrary = {
        MustacheContentTypes.register(PageMarkup(), named: PageMarkup.name)
        var library = MustacheLibrary()
        for (name, text) in PageTemplates.all {
            do {
                try library.register("{{% CONTENT_TYPE:\(PageMarkup.name)}}" + text, named: name)
            } catch {
                preconditionFailure("the template \(name) cannot be parsed: \(error)")
            }
        }
        return library
    }()

    /// The HTML of a view.
    static func render(_ view: some PageView) -> String {
        library.render(view, withTemplate: type(of: view).template) ?? ""
    }
}

/// The values of a template, found by the names of its stored properties.
protocol PageView: Sendable {
    /// The name of its template.
    static var template: String { get }
}

/// What surrounds the content of every page.
struct PageFrame: PageView {
    static let template = "frame"

    let title: String
    let base: String
    /// The user who is signed in.
    let user: String?
    let isOperator: Bool
    let offersSignIn: Bool
    /// The path to return to after a sign-in.
    let here: String
    /// The token of the session.
    let token: String
    let version: String
    /// The rendered content.
    let content: String
}
