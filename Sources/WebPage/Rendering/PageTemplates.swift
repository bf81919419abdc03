/// The templates. A value from outside the program stands in a `bdi`, so that right-to-left text cannot reorder what
/// surrounds it.
enum PageTemplates {
    /// Every template by its name.
    static let all: [String: String] = [
        "frame": frame, "root": root, "message": message, "signIn": signIn, "repositories": repositories,
        "repository": repository, "deletion": deletion, "image": ImageTemplate.text,
        "overview": OperatorTemplates.overview,
        "clients": OperatorTemplates.clients, "storage": OperatorTemplates.storage,
        "configuration": OperatorTemplates.configuration,
    ]

    private static let frame = """
        <!DOCTYPE html>
        <html lang="en"><head><meta charset="utf-8"><title>{{title}} · Longshore</title>
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <link rel="stylesheet" href="{{base}}/style.css"><link rel="icon" type="image/svg+xml" href="{{base}}/icon.svg">
        </head><body><a class="skip" href="#content">Skip to the content</a>
        <header class="bar"><div><a class="brand" href="{{base}}/"><img src="{{base}}/icon.svg" alt="">Longshore</a>
        <nav class="row" aria-label="Main"><a href="{{base}}/">Repositories</a>
        {{#isOperator}}<a href="{{base}}/operator">Server</a>{{/isOperator}}</nav>
        <div class="end">{{#user}}<span>Signed in as <bdi>{{.}}</bdi></span>
        <form method="post" action="{{base}}/sign-out"><input type="hidden" name="token" value="{{token}}">
        <button type="submit">Sign out</button></form>{{/user}}
        {{#offersSignIn}}<a href="{{base}}/sign-in?next={{here}}">Sign in</a>{{/offersSignIn}}</div></div></header>
        <main id="content">
        {{{content}}}
        </main><footer>Times are in UTC. Longshore {{version}}</footer></body></html>

        """

    private static let root = """
        <!DOCTYPE html>
        <html lang="en"><head><meta charset="utf-8"><title>Longshore</title>
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta http-equiv="refresh" content="0; url={{base}}/"><link rel="stylesheet" href="{{base}}/style.css">
        </head><body><main><h1>A container registry</h1><p><a href="{{base}}/">Show its repositories</a></p></main></body>
        </html>

        """

    private static let message = """
        <h1>{{title}}</h1><p class="notice{{#isBad}} bad{{/isBad}}"><bdi>{{text}}</bdi></p>
        <p><a href="{{base}}/">All repositories</a></p>
        """

    private static let signIn = """
        <div class="sheet narrow"><h1>Sign in</h1>
        {{#problem}}<p class="notice bad" role="alert">{{.}}</p>{{/problem}}
        <form method="post" action="{{base}}/sign-in"><input type="hidden" name="token" value="{{token}}">
        <input type="hidden" name="next" value="{{next}}">
        <label>User<input name="user" autocomplete="username" autocapitalize="none" spellcheck="false" required></label>
        <label>Password<input name="password" type="password" autocomplete="current-password" required></label>
        <button class="button" type="submit">Sign in</button></form>
        <p class="soft small">Use the same name and password as for <code>docker login</code>.</p></div>
        """

    private static let repositories = """
        <h1>Repositories</h1>
        <form class="find" method="get" action="{{base}}/" role="search"><label>Search by name or description
        <input type="search" name="q" value="{{query}}"></label><button class="button" type="submit">Search</button></form>
        {{#summary}}<p class="lead">{{.}}</p>{{/summary}}
        {{#hasRows}}<div class="sheet"><table class="fold"><thead><tr><th scope="col">Repository</th>
        <th scope="col">Description</th><th scope="col" class="number">Tags</th></tr></thead><tbody>
        {{#rows}}<tr><td><a class="name" href="{{link}}"><bdi>{{name}}</bdi></a></td>
        <td class="soft"><bdi>{{description}}</bdi></td><td class="number" data-label="Tags">{{tagCount}}</td></tr>
        {{/rows}}</tbody></table>{{#pages}}\(pages){{/pages}}</div>{{/hasRows}}
        {{#isEmpty}}<div class="sheet"><h2>Nothing has been pushed yet</h2><p>Push a first image:</p>
        <pre tabindex="0">docker tag IMAGE {{host}}/IMAGE
        docker push {{host}}/IMAGE</pre></div>{{/isEmpty}}
        """

    private static let repository = """
        <p class="crumbs"><a href="{{base}}/">Repositories</a> /</p><h1><bdi>{{name}}</bdi></h1>
        {{#notice}}<p class="notice good" role="status"><bdi>{{.}}</bdi></p>{{/notice}}
        <form class="find" method="get" action="{{link}}" role="search"><label>Find a tag
        <input type="search" name="q" value="{{query}}"></label>
        <button class="button" type="submit">Find</button></form>
        <p class="lead">{{summary}}</p>
        <nav class="tabs" aria-label="Order"><a href="{{newestLink}}"{{#isNewest}} aria-current="true"{{/isNewest}}>Newest \
        first</a><a href="{{nameLink}}"{{^isNewest}} aria-current="true"{{/isNewest}}>By name</a></nav>
        {{#hasRows}}<div class="sheet"><table class="fold"><thead><tr><th scope="col">Tag</th><th scope="col">Digest</th>
        <th scope="col">Platforms</th><th scope="col" class="number">Size</th><th scope="col">Created</th>
        <th scope="col">Pushed</th></tr></thead><tbody>
        {{#rows}}<tr><td><a class="name" href="{{link}}"><bdi>{{tag}}</bdi></a>
        <div class="chips">{{#chips}}<span class="chip {{tone}}">{{text}}</span>{{/chips}}
        {{#problem}}<span class="chip bad"><bdi>{{.}}</bdi></span>{{/problem}}</div></td>
        <td data-label="Digest"><div>{{#digest}}<code>{{.}}</code>{{/digest}}{{#v1Image}}<div class="soft small">v1 id \
        <code>{{.}}</code></div>{{/v1Image}}</div></td>
        <td data-label="Platforms"><div class="chips">{{#platforms}}<span class="chip"><bdi>{{.}}</bdi></span>\
        {{/platforms}}</div></td><td class="number" data-label="Size">{{size}}</td>
        <td class="time" data-label="Created">{{created}}</td><td data-label="Pushed"><span class="time">{{pushed}}</span>
        {{#pusher}}<div class="soft small"><bdi>{{.}}</bdi></div>{{/pusher}}</td></tr>
        {{/rows}}</tbody></table>{{#pages}}\(pages){{/pages}}</div>{{/hasRows}}
        """

    private static let deletion = """
        <p class="crumbs"><a href="{{base}}/">Repositories</a> / <a href="{{repositoryLink}}"><bdi>{{name}}</bdi></a> /</p>
        <h1>{{title}}</h1><div class="sheet"><p>{{question}}</p><dl>
        <dt>Repository</dt><dd><bdi>{{name}}</bdi></dd>
        {{#tag}}<dt>Tag</dt><dd><bdi>{{.}}</bdi></dd>{{/tag}}{{#digest}}<dt>Digest</dt><dd class="mono">{{.}}</dd>{{/digest}}
        {{#others}}<dt>Its tags</dt><dd><bdi>{{.}}</bdi></dd>{{/others}}</dl>
        <form method="post" action="{{action}}"><input type="hidden" name="token" value="{{token}}">
        <p class="row"><button class="button bad" type="submit">Delete</button>
        <a class="button plain" href="{{cancelLink}}">Keep it</a></p></form></div>
        """

    /// The links to the pages before and after.
    static let pages = """
        <nav class="pages" aria-label="Pages"><span>{{#previous}}<a href="{{.}}" rel="prev">← Previous</a>{{/previous}}\
        </span><span class="soft small">{{position}}</span><span>{{#next}}<a href="{{.}}" rel="next">Next →</a>{{/next}}\
        </span></nav>
        """
}
