import base64, hashlib, http.client, http.server, json, os, shutil, sys, threading
from axe_selenium_python import Axe
from selenium import webdriver
from selenium.webdriver.common.by import By

host, pictures, size = sys.argv[1], sys.argv[2], sys.argv[3]
is_full = size == "full"
basic = {"Authorization": "Basic " + base64.b64encode(b"boss:boss-password").decode()}
server = http.client.HTTPConnection(host)

def send(method, path, body=b"", headers={}):
    server.request(method, path, body, {**basic, **headers})
    response = server.getresponse()
    text = response.read()
    assert response.status < 300, (method, path, response.status, text)
    return response.headers

def blob(name, body):
    digest = "sha256:" + hashlib.sha256(body).hexdigest()
    send("POST", f"/v2/{name}/blobs/uploads/?digest={digest}", body)
    return digest

OCI = "application/vnd.oci.image."
def manifest(name, reference, document):
    body = json.dumps(document).encode()
    headers = send("PUT", f"/v2/{name}/manifests/{reference}", body, {"Content-Type": document["mediaType"]})
    return {"mediaType": document["mediaType"], "digest": headers["Docker-Content-Digest"], "size": len(body)}

def image(name, reference, architecture="amd64", text="", **more):
    layers = [f"layer {number} of {architecture} {text}".encode() * 400 for number in range(3)]
    configuration = json.dumps({
        "architecture": architecture, "os": "linux", "created": "2026-04-05T06:07:08Z", "author": "The harbour crew",
        "config": {
            "Env": ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8"],
            "Entrypoint": ["/usr/bin/tini", "--"], "Cmd": ["serve", "--port", "8080"], "WorkingDir": "/srv/app",
            "User": "app", "ExposedPorts": {"8080/tcp": {}},
            "Labels": {
                "org.opencontainers.image.description": "The booking service of the harbour",
                "org.opencontainers.image.source": "https://git.example.com/harbour/booking",
                "hostile": "<script>document.title='broken'</script>", "rtl": "\u202ecba \u05d0\u05d1\u05d2",
                "long": "x" * 4096}},
        "rootfs": {"type": "layers", "diff_ids": []},
        "history": [
            {"created_by": "/bin/sh -c #(nop) ADD file:3b1c22ac0f4d5e6f in / "},
            {"created_by": "/bin/sh -c apt-get update && apt-get install -y --no-install-recommends tini"},
            {"created_by": "COPY --chown=app . /srv/app # buildkit"},
            {"created_by": "USER app", "empty_layer": True}]}).encode()
    return manifest(name, reference, {
        "schemaVersion": 2, "mediaType": OCI + "manifest.v1+json",
        "config": {"mediaType": OCI + "config.v1+json", "size": len(configuration), "digest": blob(name, configuration)},
        "layers": [
            {"mediaType": OCI + "layer.v1.tar+gzip", "size": len(layer), "digest": blob(name, layer)}
            for layer in layers], **more})

def fill():
    image("harbour/booking", "latest")
    tag_count = 2000 if is_full else 60
    first = image("harbour/booking", "v1")
    server.request("GET", "/v2/harbour/booking/manifests/v1", headers={**basic, "Accept": first["mediaType"]})
    bytes = server.getresponse().read()
    for start in range(2, tag_count, 100):
        tags = "&".join(f"tag=v{number}" for number in range(start, min(start + 100, tag_count)))
        digest = first["digest"]
        send("PUT", f"/v2/harbour/booking/manifests/{digest}?{tags}", bytes, {"Content-Type": first["mediaType"]})
    entries = []
    for architecture in ["amd64", "arm64", "s390x", "riscv64"]:
        entry = image("tools/crane", architecture, architecture)
        entries.append({**entry, "platform": {"os": "linux", "architecture": architecture}})
    manifest("tools/crane", "1.0", {
        "schemaVersion": 2, "mediaType": OCI + "index.v1+json", "manifests": entries})
    signed = image("harbour/signed", "1.0", text="signed")
    empty = b"{}"
    manifest("harbour/signed", "signature", {
        "schemaVersion": 2, "mediaType": OCI + "manifest.v1+json",
        "artifactType": "application/vnd.dev.cosign.artifact.sig.v1+json",
        "config": {"mediaType": "application/vnd.oci.empty.v1+json", "size": 2, "digest": blob("harbour/signed", empty)},
        "layers": [{"mediaType": "application/vnd.oci.empty.v1+json", "size": 2, "digest": blob("harbour/signed", empty)}],
        "subject": signed})
    identifier = "ab" * 32
    old = {
        "id": identifier, "created": "2013-09-10T11:12:13Z", "docker_version": "0.6.2", "architecture": "amd64",
        "container_config": {"Cmd": ["/bin/sh", "-c", "#(nop) ADD base.tar in /"]}, "config": {"Cmd": ["/bin/bash"]}}
    document = json.dumps(old).encode()
    layer = b"not an archive"
    agent = {"User-Agent": "docker/1.5.0 go/go1.4.1 kernel/3.16.0 os/linux arch/amd64"}
    checksum = "sha256:" + hashlib.sha256(document + b"\n" + layer).hexdigest()
    send("PUT", f"/v1/images/{identifier}/json", document, agent)
    send("PUT", f"/v1/images/{identifier}/layer", layer, agent)
    send("PUT", f"/v1/images/{identifier}/checksum", b"", {"X-Docker-Checksum-Payload": checksum, **agent})
    send("PUT", "/v1/repositories/legacy/mailer/tags/2013", json.dumps(identifier).encode(), agent)

def open_browser():
    options = webdriver.ChromeOptions()
    for argument in ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"]:
        options.add_argument(argument)
    # Named, so that Selenium looks for no others.
    options.binary_location = shutil.which("chromium")
    return webdriver.Chrome(options=options, service=webdriver.ChromeService(shutil.which("chromedriver")))

def show(browser, width, scheme):
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {
        "features": [{"name": "prefers-color-scheme", "value": scheme}]})
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
        "width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500})

problems = []
def look(browser, name, checks=True):
    assert "broken" not in browser.title, name
    width = browser.execute_script("return [document.documentElement.scrollWidth, window.innerWidth]")
    if width[0] > width[1]: problems.append(f"{name}: wider than the window: {width}")
    if checks:
        axe = Axe(browser)
        axe.inject()
        for violation in axe.run()["violations"]:
            nodes = [node["html"][:160] for node in violation["nodes"]][:3]
            problems.append(f"{name}: {violation['id']}: {violation['help']}: {nodes}")
    if pictures:
        size = browser.execute_cdp_cmd("Page.getLayoutMetrics", {})["cssContentSize"]
        picture = browser.execute_cdp_cmd("Page.captureScreenshot", {
            "captureBeyondViewport": True,
            "clip": {"x": 0, "y": 0, "width": width[1], "height": min(size["height"], 2400), "scale": 1}})
        with open(os.path.join(pictures, name + ".png"), "wb") as file:
            file.write(base64.b64decode(picture["data"]))

def element(browser, selector): return browser.find_element(By.CSS_SELECTOR, selector)

def visit(browser, width, scheme):
    base = f"http://{host}"
    show(browser, width, scheme)
    name = lambda page: f"{page}-{width}-{scheme}"
    browser.delete_all_cookies()
    browser.get(base + "/")
    browser.get(base + "/ui/")
    assert "harbour" not in browser.page_source
    element(browser, "input[name=user]").send_keys("boss")
    element(browser, "input[name=password]").send_keys("boss-password")
    look(browser, name("sign-in"))
    element(browser, "main form button").click()
    assert "Signed in as" in browser.page_source, browser.page_source
    look(browser, name("repositories"))
    element(browser, "input[name=q]").send_keys("booking")
    element(browser, "form.find button").click()
    look(browser, name("search"), is_full)
    element(browser, "td a.name").click()
    look(browser, name("repository"))
    if is_full:
        element(browser, "a[rel=next]").click()
        assert "51–100 of 2000" in browser.page_source, browser.page_source
        browser.get(base + "/ui/repositories/harbour/booking?q=v1999")
        element(browser, "td a.name").click()
        look(browser, name("image"))
    pages = {
        "index": "images/tools/crane?tag=1.0", "signed": "images/harbour/signed?tag=1.0",
        "v1-only": "images/legacy/mailer?tag=2013"}
    if is_full:
        pages |= {
            "tags-signed": "repositories/harbour/signed", "missing": "repositories/nothing",
            "server": "operator", "clients": "operator/clients", "storage": "operator/storage",
            "configuration": "operator/configuration"}
    for page, path in pages.items():
        browser.get(f"{base}/ui/{path}")
        look(browser, name(page), is_full)
    tag = f"old-{width}-{scheme}"
    image("harbour/booking", tag)
    browser.get(f"{base}/ui/images/harbour/booking?tag={tag}")
    browser.find_element(By.LINK_TEXT, "Delete this tag …").click()
    look(browser, name("delete"), is_full)
    element(browser, "main form button").click()
    assert f"Deleted: {tag}" in browser.page_source, browser.page_source
    look(browser, name("deleted"), False)
    server.request("HEAD", f"/v2/harbour/booking/manifests/{tag}", headers=basic)
    response = server.getresponse()
    response.read()
    assert response.status == 404, response.status

def other_origin(browser):
    """What docker-registry-ui sends, from a page on another port."""
    class Page(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(b"<!DOCTYPE html><title>another page</title>")
        def log_message(self, *_): pass
    page = http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[4])), Page)
    threading.Thread(target=page.serve_forever, daemon=True).start()
    image("harbour/booking", "from-elsewhere", text="elsewhere")
    browser.get(f"http://127.0.0.1:{page.server_port}/")
    result = browser.execute_async_script("""
        const [base, authorization, done] = arguments;
        const accept = ["application/vnd.oci.image.index.v1+json", "application/vnd.oci.image.manifest.v1+json",
          "application/vnd.docker.distribution.manifest.v2+json"].join(", ");
        const send = (method, path, headers) => fetch(base + path, {
          method, credentials: "include", headers: {Authorization: authorization, ...headers}});
        (async () => {
          const list = await send("GET", "/v2/_catalog?n=1000", {});
          const head = await send("HEAD", "/v2/harbour/booking/manifests/from-elsewhere", {Accept: accept});
          const digest = head.headers.get("Docker-Content-Digest");
          const gone = await send("DELETE", "/v2/harbour/booking/manifests/" + digest, {Accept: accept});
          const page = await fetch(base + "/ui/", {credentials: "include"}).then(r => r.text(), e => "refused");
          return [list.status, (await list.json()).repositories.length, head.status, digest, gone.status,
            page.includes("harbour")];
        })().then(done, error => done(String(error)));
        """, f"http://{host}", basic["Authorization"])
    assert isinstance(result, list), result
    assert result[0] == 200 and result[1] == 4 and result[2] == 200 and result[3] and result[4] == 202, result
    assert result[5] is False, "a page of another origin reads what somebody sees who has signed in"

fill()
browser = open_browser()
try:
    for width, scheme in [(1280, "light"), (390, "dark"), (1280, "dark"), (390, "light")][:4 if is_full else 1]:
        visit(browser, width, scheme)
    other_origin(browser)
finally:
    browser.quit()
for problem in problems: print(problem)
sys.exit(1 if problems else 0)
