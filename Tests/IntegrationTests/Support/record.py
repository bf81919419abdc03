"""Records what is posted to it: a line of JSON for each request, with its headers and its body.

record.py FILE: prints the port. While FILE.down exists, it responds with 503 and records nothing.
"""
import http.server
import json
import os
import sys


class Recorder(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        is_down = os.path.exists(sys.argv[1] + ".down")
        if not is_down:
            with open(sys.argv[1], "a") as file:
                file.write(json.dumps({"headers": dict(self.headers.items()), "body": body}) + "\n")
        self.send_response(503 if is_down else 200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *arguments):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Recorder)
print(server.server_port, flush=True)
server.serve_forever()
