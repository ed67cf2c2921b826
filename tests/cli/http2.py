#!/usr/bin/env python3
"""HTTP/2 as a client sees it on the wire: chosen by ALPN, hundreds of watches on one connection, a broken peer is cut off
alone, and the server's end is said: http2.py GATEPOST"""
import base64, json, pathlib, shutil, signal, socket, ssl, struct, subprocess, sys, tempfile, time
from urllib.parse import urlsplit

import yaml

WATCHES = 400
DATA, HEADERS, RST_STREAM, SETTINGS, PING, GOAWAY, WINDOW_UPDATE = 0, 1, 3, 4, 6, 7, 8
failures = []


def expect(name, ok, seen=""):
    print(f"{'ok  ' if ok else 'FAIL'} {name} {'' if ok else seen}")
    if not ok:
        failures.append(name)


def frame(kind, flags, stream, payload=b""):
    return struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + payload


def head(method, path, token, **more):
    """A header block without compression: each field a literal that is not indexed."""
    fields = {":method": method, ":scheme": "https", ":authority": "h", ":path": path, "authorization": "Bearer " + token, **more}

    def text(value):
        raw = value.encode()
        return (bytes([len(raw)]) if len(raw) < 127 else bytes([127, len(raw) - 127])) + raw
    return b"".join(b"\0" + text(name) + text(value) for name, value in fields.items())


class Connection:
    def __init__(self, protocols=("h2",)):
        trust = ssl.create_default_context(cadata=authority)
        trust.set_alpn_protocols(list(protocols))
        self.socket = trust.wrap_socket(socket.create_connection((url.hostname, url.port), timeout=10), server_hostname=url.hostname)
        self.protocol = self.socket.selected_alpn_protocol()
        self.held, self.bodies, self.ended, self.reset, self.goaway, self.closed = b"", {}, set(), {}, None, False
        self.next = 1
        if self.protocol == "h2":
            window = frame(SETTINGS, 0, 0, struct.pack(">HI", 4, 1 << 24)) + frame(WINDOW_UPDATE, 0, 0, struct.pack(">I", 1 << 28))
            self.socket.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + window)

    def request(self, method, path, body=None, end=True):
        stream, self.next = self.next, self.next + 2
        block = head(method, path, token, **({"content-type": "application/json"} if body else {}))
        out = frame(HEADERS, 4 | (0 if body or not end else 1), stream, block)
        if body:
            out += frame(DATA, 1, stream, body.encode())
        self.socket.sendall(out)
        return stream

    def run(self, until, seconds=10):
        """Reads until it holds."""
        limit = time.time() + seconds
        while not until() and not self.closed and time.time() < limit:
            try:
                piece = self.socket.recv(65536)
            except TimeoutError:
                break
            except OSError:
                piece = b""
            self.closed = not piece
            self.held += piece
            while len(self.held) >= 9 and len(self.held) >= 9 + int.from_bytes(self.held[:3], "big"):
                size = int.from_bytes(self.held[:3], "big")
                kind, flags, stream = self.held[3], self.held[4], int.from_bytes(self.held[5:9], "big")
                payload, self.held = self.held[9:9 + size], self.held[9 + size:]
                if kind == SETTINGS and not flags & 1:
                    self.socket.sendall(frame(SETTINGS, 1, 0))
                elif kind == DATA:
                    self.bodies[stream] = self.bodies.get(stream, b"") + payload
                elif kind == RST_STREAM:
                    self.reset[stream] = int.from_bytes(payload, "big")
                elif kind == GOAWAY:
                    self.goaway = int.from_bytes(payload[4:8], "big")
                if kind in (DATA, HEADERS) and flags & 1:
                    self.ended.add(stream)
        return until()

    def get(self, path):
        stream = self.request("GET", path)
        self.run(lambda: stream in self.ended)
        return self.bodies.get(stream, b"")


work = pathlib.Path(tempfile.mkdtemp())
server = subprocess.Popen([sys.argv[1], "serve", "--listen", "127.0.0.1:0", "--data", ":memory:", "--kubeconfig-out", work / "k"],
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
try:
    server.stdout.readline()
    config = yaml.safe_load((work / "k").read_text())
    url = urlsplit(config["clusters"][0]["cluster"]["server"])
    authority = base64.b64decode(config["clusters"][0]["cluster"]["certificate-authority-data"]).decode()
    token = config["users"][0]["user"]["token"]
    maps = "/api/v1/namespaces/default/configmaps"

    for offered, chosen in ((("h2", "http/1.1"), "h2"), (("http/1.1",), "http/1.1"), (("http/1.1", "h2"), "h2")):
        expect(f"of {offered} it takes {chosen}", Connection(offered).protocol == chosen)

    one, other = Connection(), Connection()
    watches = [one.request("GET", f"{maps}?watch=true") for _ in range(WATCHES)]
    other.request("POST", maps, json.dumps({"metadata": {"name": "a"}}))
    told = one.run(lambda: all(b'"name":"a"' in one.bodies.get(stream, b"") for stream in watches))
    expect(f"{WATCHES} watches on one connection hear of a change", told, sum(b'"name":"a"' in b for b in one.bodies.values()))
    expect("and ordinary requests go on beside them", json.loads(one.get(maps))["kind"] == "ConfigMapList")
    one.socket.sendall(b"".join(frame(RST_STREAM, 0, stream, struct.pack(">I", 8)) for stream in watches[1:]))
    other.request("POST", maps, json.dumps({"metadata": {"name": "b"}}))
    expect("a watch goes on when its neighbours end", one.run(lambda: b'"name":"b"' in one.bodies[watches[0]]))

    # The longest answer is larger than a stream's first window in many clients.
    document = one.get("/openapi/v2")
    expect("long answers come whole", json.loads(document)["swagger"] == "2.0", document[:80])

    for name, bytes_sent, error in (("data of no stream", frame(DATA, 0, 99, b"x"), 1), ("a ping of five bytes", frame(PING, 0, 0, b"12345"), 6),
                                    ("a head nobody can unpack", frame(HEADERS, 5, 1, b"\xff" * 9), 9)):
        broken = Connection()
        broken.socket.sendall(bytes_sent)
        broken.run(lambda: broken.closed, 5)
        expect(f"{name} ends the connection with error {error}", (broken.goaway, broken.closed) == (error, True), (broken.goaway, broken.closed))
    expect("and no other one", json.loads(other.get(maps))["kind"] == "ConfigMapList")

    early = Connection()
    stream = early.request("POST", maps, end=False)
    for _ in range(220):
        early.socket.sendall(frame(DATA, 0, stream, b"x" * 16000))
    early.run(lambda: stream in early.ended)
    expect("a body beyond the limit is answered", b'"code":413' in early.bodies.get(stream, b""), early.bodies)

    stranger = Connection()
    token = "wrong"
    expect("clients nobody knows are told to go", b'"code":401' in stranger.get(maps) and stranger.run(lambda: stranger.goaway == 0))

    server.send_signal(signal.SIGTERM)
    expect("the server's end is said, and watches end", one.run(lambda: one.goaway == 0 and watches[0] in one.ended), (one.goaway, one.reset))
    expect("the server ends with 0", server.wait(20) == 0)
finally:
    server.kill()
    shutil.rmtree(work, ignore_errors=True)
sys.exit(1 if failures else 0)
