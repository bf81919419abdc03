# Eight clients that push images and delete them again, through v1 and v2, while a collector runs.
#
#   churn.py push ADDRESS STATE GRACE COUNT   pushes COUNT images, or until the server is gone
#   churn.py check ADDRESS STATE              pulls every image that was acknowledged and not deleted since
#
# The images are few and share layers, so that the same content is deleted and pushed again all the time, at times after
# it was collected. STATE is a file with the acknowledged images. It prints what it did as JSON. The exit status is 1 if
# an acknowledged image is not complete, or a push was refused although its blobs were young.
import collections, gzip, hashlib, http.client, io, json, os, random, sys, tarfile, threading, time

CLIENTS, IMAGES, LAYERS, FIRST_INDEX, FIRST_V1 = 8, 24, 100, 12, 16
DOCKER = "application/vnd.docker."
TYPES = {
    "image": DOCKER + "distribution.manifest.v2+json", "index": DOCKER + "distribution.manifest.list.v2+json",
    "configuration": DOCKER + "container.image.v1+json", "layer": DOCKER + "image.rootfs.diff.tar.gzip"}
AGENT = {"User-Agent": "docker/1.5.0 go/go1.4.1"}

class Gone(Exception):
    """The server has ended."""

class Broken(Exception):
    """An acknowledged image is not complete, or a push was refused without need."""

class Refused(Exception):
    """The server does not have what a push relies on."""

def digest(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()

def layer(number):
    file, data = io.BytesIO(), random.Random(number).randbytes(3000)
    with tarfile.open(fileobj=file, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        entry = tarfile.TarInfo(f"file-{number}")
        entry.size = len(data)
        archive.addfile(entry, io.BytesIO(data))
    return file.getvalue(), gzip.compress(file.getvalue(), mtime=0)

TARS, BLOBS = zip(*(layer(number) for number in range(LAYERS)))

def described(kind, data):
    return {"mediaType": TYPES[kind], "size": len(data), "digest": digest(data)}

class V2Image:
    """An image of two layers, or an index with one such image. Two clients have the same."""
    def __init__(self, client, number):
        layers = [number % 4, 4 + client // 2 * 24 + number]
        configuration = json.dumps({
            "architecture": "amd64", "os": "linux", "author": f"{client // 2} {number}",
            "rootfs": {"type": "layers", "diff_ids": [digest(TARS[layer]) for layer in layers]}}).encode()
        image = json.dumps({
            "schemaVersion": 2, "mediaType": TYPES["image"], "config": described("configuration", configuration),
            "layers": [described("layer", BLOBS[layer]) for layer in layers]}).encode()
        self.blobs, self.manifests = [configuration] + [BLOBS[layer] for layer in layers], [("image", image)]
        if number >= FIRST_INDEX:
            entry = {**described("image", image), "platform": {"architecture": "amd64", "os": "linux"}}
            index = {"schemaVersion": 2, "mediaType": TYPES["index"], "manifests": [entry]}
            self.manifests.append(("index", json.dumps(index).encode()))

class V1Image:
    """An image of one client, with a parent that half of the client's others have too."""
    def __init__(self, client, number):
        parent, self.id = digest(b"%d %d" % (client, number % 2))[7:], digest(b"%d %d image" % (client, number))[7:]
        self.chain = [
            (id, json.dumps({
                "id": id, **below, "created": "2015-01-01T00:00:00Z", "docker_version": "1.5.0", "config": {},
                "architecture": "amd64", "os": "linux"}).encode(), BLOBS[layer])
            for id, below, layer in [(parent, {}, number % 2), (self.id, {"parent": parent}, 4 + number)]]

class Client:
    """One client, with a connection and repositories of its own."""
    def __init__(self, number, address, work):
        self.number, self.work = number, work
        self.connection = http.client.HTTPConnection(address, timeout=60)

    def send(self, method, path, body=b"", headers={}):
        try:
            self.connection.request(method, path, body, headers)
            response = self.connection.getresponse()
            return response.status, response.read()
        except (OSError, http.client.HTTPException) as error:
            raise Gone(f"{method} {path}: {error!r}")

    def expect(self, status, method, path, body=b"", headers={}, refusals=()):
        actual, answer = self.send(method, path, body, headers)
        if actual in refusals:
            raise Refused(f"{method} {path}: {actual} {answer[:300]}")
        if actual != status:
            raise Broken(f"{method} {path}: {actual} {answer[:300]}")
        return answer

    def name(self, image):
        return ("old/c" if image >= FIRST_V1 else "app/c") + str(self.number)

    def key(self, image):
        return f"{self.name(image)}:t{image}"

    def run(self):
        try:
            while self.work.goes_on():
                image = random.randrange(IMAGES)
                if self.key(image) in self.work.images:
                    self.check(image)
                    self.delete(image)
                else:
                    self.push(image)
        except Gone as error:
            self.work.end = str(error)
        except Exception as error:
            self.work.failures.append(f"{type(error).__name__}: {error}")

    def push(self, image):
        for attempt in range(3):
            # When the content was uploaded that this push found there.
            self.found, begun = [], time.monotonic()
            try:
                if image >= FIRST_V1:
                    self.push_v1(V1Image(self.number, image), self.name(image), f"t{image}")
                else:
                    self.push_v2(V2Image(self.number, image), self.name(image), f"t{image}", is_new=attempt > 0)
                self.work.images.add(self.key(image))
                return self.work.count("pushed")
            except Refused as refusal:
                if time.monotonic() - min(self.found + [begun]) < self.work.grace:
                    raise Broken(f"push of {self.key(image)}, attempt {attempt}: {refusal}")
                self.work.count("refused")
        raise Broken(f"three pushes of {self.key(image)} were refused")

    def push_v2(self, image, name, tag, is_new):
        """Pushes an image: blobs that are not there, or all if `is_new`."""
        for blob in image.blobs:
            self.upload(blob, name, is_new)
        for kind, manifest in image.manifests:
            reference = tag if manifest == image.manifests[-1][1] else digest(manifest)
            headers = {"Content-Type": TYPES[kind]}
            self.expect(201, "PUT", f"/v2/{name}/manifests/{reference}", manifest, headers, refusals=(400, 404))

    def upload(self, blob, name, is_new):
        path = f"/v2/{name}/blobs/uploads/?"
        if not is_new and self.send("HEAD", f"/v2/{name}/blobs/{digest(blob)}")[0] == 200:
            return self.found.append(self.work.uploads[name, digest(blob)])
        other = f"app/c{random.randrange(CLIENTS)}"
        if not is_new and random.random() < 0.3 and self.send("POST", f"{path}mount={digest(blob)}&from={other}")[0] == 201:
            self.work.count("mounted")
        else:
            self.expect(201, "POST", f"{path}digest={digest(blob)}", blob)
        self.work.uploads[name, digest(blob)] = time.monotonic()

    def push_v1(self, image, name, tag):
        listed = json.dumps([{"id": id} for id, _, _ in image.chain])
        self.expect(200, "PUT", f"/v1/repositories/{name}/", listed, AGENT)
        for id, document, layer in image.chain:
            path = f"/v1/images/{id}/"
            if self.send("GET", path + "json", headers=AGENT)[0] == 200:
                self.found.append(self.work.uploads["v1", id])
                continue
            checksum = {"X-Docker-Checksum-Payload": digest(document + b"\n" + layer)}
            for part, body, headers in [("json", document, {}), ("layer", layer, {}), ("checksum", b"", checksum)]:
                self.expect(200, "PUT", path + part, body, {**headers, **AGENT}, refusals=(400, 404, 409))
            self.work.uploads["v1", id] = time.monotonic()
        path = f"/v1/repositories/{name}/"
        self.expect(200, "PUT", f"{path}tags/{tag}", json.dumps(image.id), AGENT, refusals=(400, 404))
        self.expect(204, "PUT", f"{path}images", listed, AGENT)

    def delete(self, image):
        # It may be deleted even if the server ends before it says so.
        self.work.images.discard(self.key(image))
        name = self.name(image)
        if image >= FIRST_V1:
            self.expect(200, "DELETE", f"/v1/repositories/{name}/tags/t{image}", headers=AGENT)
        else:
            reference = random.choice([f"t{image}", digest(V2Image(self.number, image).manifests[-1][1])])
            self.expect(202, "DELETE", f"/v2/{name}/manifests/{reference}")
        self.work.count("deleted")

    def check(self, image):
        """Pulls an image that was acknowledged."""
        name = self.name(image)
        manifest = self.pull(name, f"t{image}")
        if image >= FIRST_V1:
            content = V1Image(self.number, image)
            if json.loads(self.expect(200, "GET", f"/v1/repositories/{name}/tags/t{image}")) != content.id:
                raise Broken(f"{self.key(image)} is another image")
            for id, document, layer in content.chain:
                for part, expected in [("json", document), ("layer", layer)]:
                    if self.expect(200, "GET", f"/v1/images/{id}/{part}") != expected:
                        raise Broken(f"the {part} of {id} is another one")
        elif manifest != V2Image(self.number, image).manifests[-1][1]:
            raise Broken(f"{self.key(image)} is another manifest")
        self.work.count("checked")

    def pull(self, name, reference):
        accepted = {"Accept": f"{TYPES['image']}, {TYPES['index']}"}
        bytes = self.expect(200, "GET", f"/v2/{name}/manifests/{reference}", headers=accepted)
        manifest = json.loads(bytes)
        for child in manifest.get("manifests", []):
            self.pull(name, child["digest"])
        for blob in manifest.get("layers", []) + [manifest[key] for key in ["config"] if key in manifest]:
            if digest(self.expect(200, "GET", f"/v2/{name}/blobs/{blob['digest']}")) != blob["digest"]:
                raise Broken(f"{blob['digest']} of {name} has other bytes")
        return bytes

class Work:
    """What all clients have to do, and what they know."""
    def __init__(self, state, grace=0, count=0):
        self.state, self.grace, self.wanted = state, grace, count
        self.images = set(json.load(open(state))) if os.path.exists(state) else set()
        # When content was uploaded, by repository; long ago if by an earlier process.
        self.uploads = collections.defaultdict(lambda: float("-inf"))
        self.lock, self.counts, self.failures, self.end = threading.Lock(), collections.Counter(), [], None

    def goes_on(self):
        return self.counts["pushed"] < self.wanted and not self.failures and not self.end

    def count(self, name):
        with self.lock:
            self.counts[name] += 1

def main():
    verb, address, state, *numbers = sys.argv[1:]
    work = Work(state, *map(int, numbers))
    clients = [Client(number, address, work) for number in range(CLIENTS)]
    if verb == "push":
        threads = [threading.Thread(target=client.run) for client in clients]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        with open(state, "w") as file:
            json.dump(sorted(work.images), file)
    for client in clients if verb == "check" else []:
        for image in range(IMAGES):
            try:
                if client.key(image) in work.images:
                    client.check(image)
            except (Broken, Gone) as error:
                work.failures.append(f"{type(error).__name__}: {error}")
    counts = ["pushed", "deleted", "mounted", "refused", "checked"]
    print(json.dumps({**{name: work.counts[name] for name in counts}, "images": len(work.images)}))
    for failure in work.failures:
        print(failure, file=sys.stderr)
    sys.exit(1 if work.failures else 0)

main()
