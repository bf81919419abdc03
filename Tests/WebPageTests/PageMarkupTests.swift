import RegistryHTTP
import Testing

@testable import WebPage

@Suite("Text on pages")
struct PageMarkupTests {
    @Test(
        "is escaped scalar by scalar, whatever follows a mark of HTML",
        arguments: [
            ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
            ("a\"b'c&d", "a&quot;b&#39;c&amp;d"),
            // One character each, for Swift.
            ("\"\u{301} onload=x", "&quot;\u{301} onload=x"), ("<\u{338}b>", "&lt;\u{338}b&gt;"),
            ("a\u{0}b\u{1B}[31m\u{9B}", "a\u{FFFD}b\u{FFFD}[31m\u{FFFD}"), ("é\n\tx", "é\n\tx"),
        ]
    )
    func escaping(text: String, html: String) { #expect(PageMarkup().escapeText(text) == html) }

    @Test("reaches templates escaped, in sections too, and inside of bdi")
    func template() {
        let view = MessageView(title: "<b>\"\u{301}", text: "\u{202E}<i>", isBad: true, base: "/ui")
        let html = PageLibrary.render(view)
        #expect(html.contains("<h1>&lt;b&gt;&quot;\u{301}</h1>"))
        #expect(html.contains("<bdi>\u{202E}&lt;i&gt;</bdi>"))
        #expect(html.contains("class=\"notice bad\""))
    }

    @Test("all templates can be parsed, and none writes a value unescaped but the frame its content")
    func templates() {
        for (name, text) in PageTemplates.all where name != "frame" {
            #expect(!text.contains("{{{") && !text.contains("{{&"), "\(name)")
        }
        #expect(PageTemplates.all.count == 12)
        #expect(!PageLibrary.render(RootView(base: "/ui")).isEmpty)
    }

    @Test(
        "times that images state are shown only if they are times",
        arguments: [
            ("2015-01-01T12:34:56.5Z", "2015-01-01 12:34"), ("0001-01-01T00:00:00Z", nil),
            ("2015-01-01 12:34:56 <b>", nil), ("", nil), (nil, nil),
        ] as [(String?, String?)]
    )
    func times(text: String?, shown: String?) { #expect(PageFormat.time(stated: text) == shown) }

    @Test(
        "sizes, counts and digests are short",
        arguments: [
            (PageFormat.bytes(999), "999 B"), (PageFormat.bytes(1500), "1.5 kB"), (PageFormat.bytes(-1), "0 B"),
            (PageFormat.count(1, "repository"), "1 repository"), (PageFormat.count(2, "repository"), "2 repositories"),
            (PageFormat.count(2, "tag"), "2 tags"), (PageFormat.short("sha256:0123456789abcdef"), "0123456789ab"),
            (PageFormat.duration(.seconds(-7200)), "2 hours"), (PageFormat.time(seconds: 0), "1970-01-01 00:00"),
            (PageFormat.time(seconds: .max), "9999-12-31 23:59"),
        ]
    )
    func values(shown: String, text: String) { #expect(shown == text) }
}

@Suite("Paths of pages")
struct PageRouteTests {
    @Test(
        "name one page each",
        arguments: [
            ("/", PageRoute.root), ("/ui", .repositories), ("/ui/", .repositories), ("/uix", nil),
            ("/ui/repositories/team/app", .repository("team/app")), ("/ui/images/a%2Fb", .image("a/b")),
            ("/ui/documents/app", .document("app")), ("/ui/delete/team/app", .delete("team/app")),
            ("/ui/images", .unknown), ("/ui/delete/", .unknown), ("/ui/sign-in", .signIn), ("/ui/sign-out", .signOut),
            ("/ui/operator", .operators(.overview)), ("/ui/operator/clients", .operators(.clients)),
            ("/ui/operator/x", .unknown), ("/ui/style.css", .stylesheet), ("/ui/icon.svg", .icon),
            ("/ui/../v2/", .unknown), ("/v2/ui", nil), ("/ui/style.css/x", .unknown),
        ] as [(String, PageRoute?)]
    )
    func routes(path: String, route: PageRoute?) { #expect(PageRoute(path: path) == route, "\(path)") }

    @Test(
        "return only to pages of this server",
        arguments: [
            ("/ui/repositories/a?q=b", "/ui/repositories/a?q=b"), ("/ui", "/ui"), ("//evil.test/ui/", "/ui/"),
            ("https://evil.test/", "/ui/"), ("/ui/\\evil", "/ui/"), ("/uix", "/ui/"), ("/ui/\r\nX: y", "/ui/"),
            (nil, "/ui/"),
        ] as [(String?, String)]
    )
    func returning(text: String?, path: String) { #expect(PageLinks(prefix: "/").returnPath(text) == path) }

    @Test("pages of a list are clamped to it")
    func slices() {
        #expect(PageSlice("3", size: 10, total: 25).range == 20..<25)
        #expect(PageSlice("99", size: 10, total: 25).number == 3)
        #expect(PageSlice("-1", size: 10, total: 0).range == 0..<0)
        #expect(PageSlice("9999999999999999999999", size: 10, total: 5).number == 1)
        #expect(PageSlice(nil, size: 10, total: 10).position { $0 } == nil)
        #expect(PageSlice("2", size: 10, total: 25).position { "p\($0)" }?.previous == "p")
    }
}
