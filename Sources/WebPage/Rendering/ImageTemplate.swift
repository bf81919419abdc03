/// The template of an image's page.
enum ImageTemplate {
    static let text = """
        <p class="crumbs"><a href="{{base}}/">Repositories</a> / <a href="{{repositoryLink}}"><bdi>{{name}}</bdi></a> /</p>
        <h1><bdi>{{heading}}</bdi></h1>
        {{#problem}}<p class="notice bad"><bdi>{{.}}</bdi></p>{{/problem}}
        <p class="chips">{{#chips}}<span class="chip {{tone}}">{{text}}</span>{{/chips}}</p>
        <div class="grid"><section class="sheet"><h2>About</h2><dl>
        {{#facts}}<dt>{{label}}</dt><dd{{#isCode}} class="mono"{{/isCode}}>{{#target}}<a href="{{.}}"><bdi>{{value}}</bdi>\
        </a>{{/target}}{{^target}}<bdi>{{value}}</bdi>{{/target}}</dd>{{/facts}}</dl></section>
        <section class="sheet"><h2>Pull</h2>
        {{#commands}}<details{{#isOpen}} open{{/isOpen}}><summary>{{client}}</summary><pre tabindex="0">{{command}}</pre>
        {{#note}}<p class="soft small">{{.}}</p>{{/note}}</details>{{/commands}}</section></div>

        {{#hasPlatforms}}<section class="sheet"><h2>Platforms</h2><table class="fold"><thead><tr><th scope="col">Platform</th>
        <th scope="col">Digest</th><th scope="col">Type</th><th scope="col" class="number">Size</th></tr></thead><tbody>
        {{#platforms}}<tr><td><a class="name" href="{{link}}"><bdi>{{title}}</bdi></a></td>
        <td data-label="Digest"><code>{{digest}}</code></td><td class="soft small" data-label="Type"><bdi>{{type}}</bdi></td>
        <td class="number" data-label="Size">{{size}}</td></tr>{{/platforms}}</tbody></table></section>{{/hasPlatforms}}

        {{#hasReferrers}}<section class="sheet"><h2>Signatures and other referrers</h2><table class="fold"><thead><tr>
        <th scope="col">Type</th><th scope="col">Digest</th><th scope="col" class="number">Size</th></tr></thead><tbody>
        {{#referrers}}<tr><td><a href="{{link}}"><bdi>{{title}}</bdi></a></td>
        <td data-label="Digest"><code><bdi>{{digest}}</bdi></code></td>
        <td class="number" data-label="Size">{{size}}</td></tr>{{/referrers}}</tbody></table></section>{{/hasReferrers}}

        {{#hasLayers}}<section class="sheet"><h2>Layers</h2><table class="fold"><thead><tr>
        <th scope="col" class="number">No.</th><th scope="col">Command</th><th scope="col">Content</th>
        <th scope="col" class="number">Size</th></tr></thead><tbody>
        {{#layers}}<tr><td class="number soft" data-label="Layer">{{number}}</td><td><code><bdi>{{command}}</bdi></code></td>
        <td data-label="Content"><code class="soft">{{digest}}</code></td>
        <td class="number" data-label="Size">{{size}}</td></tr>{{/layers}}</tbody></table>
        {{#layersNote}}<p class="soft small">{{.}}</p>{{/layersNote}}</section>{{/hasLayers}}

        {{#hasSettings}}<section class="sheet"><h2>Configuration</h2><dl>
        {{#settings}}<dt>{{label}}</dt><dd class="mono"><bdi>{{value}}</bdi></dd>{{/settings}}</dl></section>{{/hasSettings}}
        {{#tables}}<section class="sheet"><h2>{{title}}</h2><dl>
        {{#entries}}<dt class="mono"><bdi>{{label}}</bdi></dt><dd class="mono"><bdi>{{value}}</bdi></dd>{{/entries}}</dl>
        {{#note}}<p class="soft small">{{.}}</p>{{/note}}</section>{{/tables}}

        <section class="sheet"><h2>As stored</h2><ul>{{#documents}}<li><a href="{{link}}">{{title}}</a></li>{{/documents}}
        </ul></section>
        {{#deletions}}<p><a class="button plain" href="{{link}}">{{title}}</a></p>{{/deletions}}
        """
}
