/// The templates of the pages for operators.
enum OperatorTemplates {
    private static let tabs = """
        <h1>Server</h1><nav class="tabs" aria-label="Server">
        {{#tabs}}<a href="{{link}}"{{#isCurrent}} aria-current="page"{{/isCurrent}}>{{title}}</a>{{/tabs}}</nav>
        """

    static let overview =
        tabs + """
            <div class="grid"><section class="sheet"><h2>Now</h2><dl>
            {{#facts}}<dt>{{label}}</dt><dd>{{value}}</dd>{{/facts}}</dl></section>
            <section class="sheet"><h2>Garbage collection</h2><dl>
            {{#collection}}<dt>{{label}}</dt><dd>{{value}}</dd>{{/collection}}</dl></section></div>
            <section class="sheet"><h2>What a collection would remove</h2>{{#rehearsal}}<p>{{.}}</p>{{/rehearsal}}
            {{#removals}}<dl>{{#lines}}<dt>{{label}}</dt><dd>{{value}}</dd>{{/lines}}</dl>{{/removals}}
            {{#offersRehearsal}}<form method="post" action="{{base}}/operator"><input type="hidden" name="token" \
            value="{{token}}"><button class="button plain" type="submit">Find out: a dry run</button></form>\
            {{/offersRehearsal}}</section>
            """

    static let clients =
        tabs + """
            <nav class="tabs" aria-label="Clients"><a href="{{v1Link}}"{{#isV1Alone}} aria-current="true"{{/isV1Alone}}>Who \
            still needs v1</a><a href="{{allLink}}"{{^isV1Alone}} aria-current="true"{{/isV1Alone}}>All clients</a></nav>
            <p class="notice {{tone}}">{{verdict}}</p>
            {{#hasRows}}<div class="sheet"><table class="fold"><thead><tr><th scope="col">Client</th>
            <th scope="col">Repository</th><th scope="col">User</th><th scope="col">Address</th>
            <th scope="col" class="number">Requests</th><th scope="col">First</th><th scope="col">Last</th></tr></thead><tbody>
            {{#rows}}<tr><td><bdi>{{client}}</bdi><div class="chips"><span class="chip{{#isV1}} warn{{/isV1}}">{{interface}}\
            </span><span class="chip">{{era}}</span></div></td><td data-label="Repository"><bdi>{{repository}}</bdi></td>
            <td data-label="User"><bdi>{{user}}</bdi></td><td data-label="Address"><bdi>{{address}}</bdi></td>
            <td class="number" data-label="Requests">{{requests}}</td><td class="time" data-label="First">{{first}}</td>
            <td class="time" data-label="Last">{{last}}</td></tr>{{/rows}}</tbody></table>
            {{#pages}}\(PageTemplates.pages){{/pages}}</div>{{/hasRows}}
            """

    static let storage =
        tabs + """
            <section class="sheet"><h2>Storage</h2>{{#state}}<p>{{.}}</p>{{/state}}
            {{#hasTotals}}<dl>{{#totals}}<dt>{{label}}</dt><dd>{{value}}</dd>{{/totals}}</dl>{{/hasTotals}}
            {{#offersMeasurement}}<form method="post" action="{{base}}/operator/storage"><input type="hidden" name="token" \
            value="{{token}}"><button class="button plain" type="submit">Measure: examines every file</button></form>\
            {{/offersMeasurement}}</section>
            {{#hasRows}}<section class="sheet"><h2>By repository</h2><table class="fold"><thead><tr>
            <th scope="col">Repository</th><th scope="col" class="number">Alone</th><th scope="col" class="number">Shared</th>
            </tr></thead><tbody>{{#rows}}<tr><td><a href="{{link}}"><bdi>{{name}}</bdi></a></td>
            <td class="number" data-label="Alone">{{own}}</td><td class="number" data-label="Shared">{{shared}}</td></tr>\
            {{/rows}}</tbody></table>{{#rowsNote}}<p class="soft small">{{.}}</p>{{/rowsNote}}</section>{{/hasRows}}
            """

    static let configuration =
        tabs + """
            <section class="sheet"><h2>Configuration in force</h2><table class="fold"><thead><tr><th scope="col">Key</th>
            <th scope="col">Value</th><th scope="col">Set by</th></tr></thead><tbody>
            {{#rows}}<tr><td><code>{{key}}</code></td><td data-label="Value"><code><bdi>{{value}}</bdi></code></td>
            <td class="soft small" data-label="Set by"><bdi>{{origin}}</bdi></td></tr>{{/rows}}</tbody></table></section>
            """
}
