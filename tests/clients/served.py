"""A `callbar serve` in a directory of its own, for the scripts beside this one and in tools/."""

import http.client
import json
import pathlib
import re
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


class Served:
    """The server, its address and the token of its administrator."""

    def __init__(self, callbar, *options):
        self.callbar, self.options = callbar, options
        self.folder = tempfile.TemporaryDirectory()
        self.data = pathlib.Path(self.folder.name, "lists")
        self.token = None
        self.start()

    def start(self):
        """Starts it, or starts it again; returns when it listens."""
        log = pathlib.Path(self.folder.name, "log")
        token = pathlib.Path(self.folder.name, "token")
        command = [self.callbar, "serve", "--data", self.data, "--listen", "127.0.0.1:0", *self.options]
        with open(log, "wb") as errors, open(token, "wb") as output:
            self.process = subprocess.Popen(command, stdout=output, stderr=errors)
        for _ in range(600):
            found = re.search(r"listening on http://127\.0\.0\.1:(\d+)", log.read_text())
            if found:
                break
            if self.process.poll() is not None:
                break
            time.sleep(0.05)
        else:
            found = None
        if not found:
            raise SystemExit(f"the server did not start:\n{log.read_text()}")
        self.port = int(found[1])
        # The first start alone prints it.
        self.token = self.token or token.read_text().strip()

    def kill(self):
        """SIGKILL: nothing is written any more."""
        self.process.kill()
        self.process.wait()

    def end(self):
        """SIGTERM; the server must end in order."""
        self.process.terminate()
        if self.process.wait(timeout=60) != 0:
            raise SystemExit(f"the server ended with {self.process.returncode}")
        self.folder.cleanup()

    def connect(self):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)

    def ask(self, method, path, body=None, media="application/json", connection=None):
        """Status and decoded answer of one request below /callbar/v1."""
        connection = connection or self.connect()
        if body is not None and media == "application/json":
            body = json.dumps(body)
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": media}
        connection.request(method, f"/callbar/v1{path}", body, headers)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read() or b"null")

    def must(self, method, path, body=None, media="application/json", connection=None):
        """As `ask`, where anything but success is the end."""
        status, answer = self.ask(method, path, body, media, connection)
        if status >= 300:
            raise SystemExit(f"{method} {path}: {status} {answer}")
        return answer
