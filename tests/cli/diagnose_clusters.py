#!/usr/bin/env python3
"""`gatepost diagnose` against clusters of other ages and moods than our server: diagnose_clusters.py GATEPOST

A stand-in API server answers from a table: clusters without EndpointSlices v1 or admissionregistration v1, one that asks to
wait (429), one behind a proxy-url, one that grants only a part, one whose pods can only be reached through a port-forward
(over WebSocket, to a real `gatepost backend`).
"""
import base64, hashlib, http.server, json, os, pathlib, re, select, socket, struct, subprocess, sys, tempfile, threading

GATEPOST = sys.argv[1]
work = pathlib.Path(tempfile.mkdtemp())
failures = []
for name in list(os.environ):
    if name.lower() in ("http_proxy", "https_proxy", "no_proxy", "kubernetes_service_host", "kubeconfig"):
        del os.environ[name]


def expect(name, ok, seen=""):
    print(f"{'ok  ' if ok else 'FAIL'} {name} {'' if ok else str(seen)[:3000]}", flush=True)
    if not ok:
        failures.append(name)


def status(code, message):
    return code, {"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": code, "message": message}


class Api(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *_):
        pass

    def answer(self):
        cluster = self.server.cluster
        path = self.path.split("?")[0]
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        with cluster.lock:
            cluster.requests.append((self.command, self.path, body))
            busy = cluster.busy > 0
            cluster.busy -= busy
        if busy:
            return self.send(429, {"kind": "Status", "message": "too many requests"}, {"Retry-After": "1"})
        if "/portforward" in path:
            return self.forward()
        if cluster.special and (special := cluster.special(self.command, path)):
            return self.send(*special)
        if path in cluster.lists:
            return self.send(200, {"kind": "List", "metadata": {}, "items": cluster.lists[path]})
        if path.split("/namespaces/")[0] in cluster.groups:
            return self.send(200, {"kind": "List", "metadata": {}, "items": []})
        return self.send(*status(404, "the server could not find the requested resource"))

    do_GET = do_POST = answer

    def send(self, code, body, headers=()):
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(code)
        for name, value in {"Content-Type": "application/json", "Content-Length": str(len(data)), **dict(headers)}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def forward(self):
        """pods/portforward over WebSocket, as a kubelet speaks v4.channel.k8s.io."""
        if self.headers.get("Upgrade", "").lower() != "websocket" or self.headers["Sec-WebSocket-Protocol"] != "v4.channel.k8s.io":
            return self.send(*status(400, "unable to upgrade"))
        accept = base64.b64encode(hashlib.sha1((self.headers["Sec-WebSocket-Key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest()).decode()
        self.wfile.write(("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                          f"Sec-WebSocket-Accept: {accept}\r\nSec-WebSocket-Protocol: v4.channel.k8s.io\r\n\r\n").encode())
        self.close_connection = True
        wire, port = self.connection, int(re.search(r"ports=(\d+)", self.path).group(1))

        def message(channel, payload):
            payload = bytes([channel]) + payload
            size = bytes([len(payload)]) if len(payload) < 126 else b"\x7e" + struct.pack(">H", len(payload))
            wire.sendall(b"\x82" + size + payload)

        message(0, struct.pack("<H", port))
        message(1, struct.pack("<H", port))
        if self.server.cluster.backend is None:
            return message(1, b"an error occurred forwarding: connection refused")
        pod = socket.create_connection(("127.0.0.1", self.server.cluster.backend))
        held = b""
        while True:
            for ready in select.select([wire, pod], [], [], 10)[0] or [None]:
                if ready is None:
                    return
                data = ready.recv(16384)
                if not data:
                    return
                if ready is pod:
                    message(0, data)
                    continue
                held += data
                while len(held) >= 6:
                    size, at = held[1] & 127, 2
                    if size == 126:
                        size, at = struct.unpack(">H", held[2:4])[0], 4
                    if len(held) < at + 4 + size:
                        break
                    mask, payload = held[at:at + 4], held[at + 4:at + 4 + size]
                    payload = bytes(b ^ mask[i % 4] for i, b in enumerate(payload))
                    held = held[at + 4 + size:]
                    if payload[:1] == b"\0":
                        pod.sendall(payload[1:])


class Cluster:
    def __init__(self, lists, groups, special=None, backend=None, busy=0):
        self.lists, self.groups, self.special, self.backend, self.busy = lists, groups, special, backend, busy
        self.requests, self.lock = [], threading.Lock()
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Api)
        self.server.cluster = self
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def diagnose(self, *arguments, cluster=None, name="k"):
        (work / name).write_text(json.dumps({"apiVersion": "v1", "kind": "Config", "current-context": "c", "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
                                             "clusters": [{"name": "c", "cluster": cluster or {"server": self.url}}], "users": [{"name": "u", "user": {"token": "t"}}]}))
        done = subprocess.run([GATEPOST, "diagnose", "--kubeconfig", work / name, "-o", "json", *arguments], capture_output=True, text=True, timeout=60)
        try:
            return json.loads(done.stdout), done
        except ValueError:
            return {"findings": [], "webhooks": [], "summary": {}}, done


def hook(bundle="", **more):
    return {"metadata": {"name": "guard"}, "webhooks": [{"name": "w.test.io", "admissionReviewVersions": ["v1"], "sideEffects": "None", "timeoutSeconds": 1, "failurePolicy": "Fail",
            "clientConfig": {"service": {"name": "hook", "namespace": "sys", "port": 443}, "caBundle": bundle},
            "rules": [{"apiGroups": ["test.io"], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["widgets"], "scope": "*"}], **more}]}


SERVICE = {"metadata": {"name": "hook", "namespace": "sys"}, "spec": {"selector": {"app": "hook"}, "ports": [{"port": 443, "targetPort": 9443}]}}
NAMESPACES = [{"metadata": {"name": n}} for n in ("default", "sys")]
POD = {"metadata": {"name": "hook-1", "namespace": "sys", "labels": {"app": "hook"}}, "spec": {"containers": [{"name": "c"}]},
       "status": {"conditions": [{"type": "Ready", "status": "True"}]}}
CORE = ["/api/v1", "/apis/apps/v1", "/apis/batch/v1", "/apis/networking.k8s.io/v1", "/apis/policy/v1beta1"]
V1, V1BETA1 = "/apis/admissionregistration.k8s.io/v1/", "/apis/admissionregistration.k8s.io/v1beta1/"
SLICES = "/apis/discovery.k8s.io/v1/endpointslices"
DEAD = [{"metadata": {"name": "hook-x", "namespace": "sys", "labels": {"kubernetes.io/service-name": "hook"}},
         "endpoints": [{"addresses": ["10.255.255.1"], "conditions": {"ready": False}}], "ports": [{"port": 9443}]}]
ALIVE = [{**DEAD[0], "endpoints": [{"addresses": ["192.0.2.1"], "conditions": {"ready": True}, "targetRef": {"kind": "Pod", "name": "hook-1"}}]}]


def lists(registration=V1, slices=None, endpoints=None, bundle="", pods=(), **more):
    out = {registration + "validatingwebhookconfigurations": [hook(bundle, **more)], registration + "mutatingwebhookconfigurations": [],
           "/api/v1/namespaces": NAMESPACES, "/api/v1/services": [SERVICE], "/api/v1/events": [], "/api/v1/namespaces/sys/pods": list(pods)}
    if slices is not None:
        out[SLICES] = slices
    if endpoints is not None:
        out["/api/v1/endpoints"] = endpoints
    return out


def roots(report):
    return [(f["cause"], f.get("rootCause")) for f in report["findings"]]


# Kubernetes 1.16: Endpoints only. And one whose webhooks are of v1beta1, with slices of v1beta1.
old = Cluster(lists(endpoints=[{"metadata": {"name": "hook", "namespace": "sys"}, "subsets": [{"notReadyAddresses": [{"ip": "10.255.255.1"}], "ports": [{"port": 9443}]}]}]), CORE)
report, _ = old.diagnose()
expect("a cluster of Endpoints", roots(report) == [("no-endpoints", "selector-matches-nothing")] and
       any("0 of 1 endpoints" in e["detail"] for e in report["findings"][0]["evidence"]), report)
middle = Cluster({**lists(V1BETA1), "/apis/discovery.k8s.io/v1beta1/endpointslices": DEAD}, CORE)
report, _ = middle.diagnose()
expect("a cluster of v1beta1", roots(report) == [("no-endpoints", "selector-matches-nothing")], report)
expect("all of it was read", "notSeen" not in report["summary"] or all("/metrics" in t for t in report["summary"]["notSeen"]), report["summary"])

# 429: the client waits as it is told.
busy = Cluster(lists(slices=DEAD), CORE, busy=3)
report, done = busy.diagnose()
expect("it waits when it is told to", roots(report) == [("no-endpoints", "selector-matches-nothing")], done.stderr)

# A part is forbidden: a partial report.
part = Cluster(lists(slices=DEAD), CORE, special=lambda method, path: status(403, "forbidden: " + path) if path.endswith(("endpointslices", "events")) else None)
report, done = part.diagnose()
expect("without endpoints it says what it cannot see", any("endpointslices" in t for t in report["summary"].get("notSeen", [])) and not report["findings"], report)
blind = Cluster(lists(slices=DEAD), CORE, special=lambda method, path: status(403, "forbidden: " + path) if "webhookconfigurations" in path else None)
report, done = blind.diagnose()
expect("without configurations there is nothing to say", done.returncode == 3 and done.stderr.count("\n") == 1, done.stderr)
half = Cluster(lists(slices=DEAD), CORE, special=lambda method, path: status(403, "forbidden: " + path) if "mutatingwebhookconfigurations" in path else None)
report, done = half.diagnose()
expect("with one kind of them there is", len(report["findings"]) == 1, report)
html = Cluster({}, [], special=lambda method, path: (200, b"<html>sign in</html>"))
report, done = html.diagnose()
expect("a page instead of a list", done.returncode == 3 and done.stderr.count("\n") == 1, done.stderr)

# Outside: no dry run can be made, endpoints cannot be dialled, the proxy gets through, the certificate comes from a port-forward.
for fault, want in (("none", []), ("expired", [("cert-expired", "certificate-expired")]), ("unknown-authority", [("unknown-authority", "ca-bundle-stale")])):
    backend = subprocess.Popen([GATEPOST, "backend", "--fault", fault, "--name", "hook.sys.svc", "--ca-out", work / "ca"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    port = int(re.search(r":(\d+)", backend.stdout.readline().split()[1][6:]).group(1))
    bundle = base64.b64encode((work / "ca").read_bytes()).decode()
    outside = Cluster(lists(slices=ALIVE, bundle=bundle, pods=[POD]), CORE, backend=port,
                      special=lambda method, path: (404, b"404 page not found\n", {"Content-Type": "text/plain"}) if "/proxy" in path else None)
    report, done = outside.diagnose()
    expect(f"through a port-forward, {fault}", roots(report) == want and report["webhooks"][0]["vantage"] == "port-forward", (report, done.stderr))
    backend.terminate()
    backend.wait(20)
gone = Cluster(lists(slices=ALIVE, pods=[POD]), CORE, special=lambda method, path: status(503, "error trying to reach service: dial tcp 192.0.2.1:9443: i/o timeout") if "/proxy" in path else None)
report, done = gone.diagnose()
expect("the control plane's dial ends in silence", roots(report) == [("connection-timeout", "control-plane-blocked")], report)
expect("nothing but reading was done", all(method == "GET" for c in (old, middle, busy, part, half, outside, gone) for method, _, _ in c.requests))

# A url that only the control plane may know, seen from outside: nothing is claimed of it.
far = hook()
far["webhooks"][0]["clientConfig"] = {"url": "https://webhook.inside.invalid/x"}
closed = Cluster({**lists(slices=DEAD), V1 + "validatingwebhookconfigurations": [far]}, CORE)


class Front(http.server.BaseHTTPRequestHandler):
    """An HTTP proxy in front of stand-in servers, for names that only it knows."""

    upstream, used = None, False

    def log_message(self, *_):
        pass

    def do_GET(self):
        Front.used = True
        upstream = socket.create_connection(("127.0.0.1", Front.upstream.server.server_port))
        path = re.sub(r"^http://[^/]*", "", self.path)
        headers = "".join(f"{k}: {v}\r\n" for k, v in self.headers.items() if k.lower() not in ("connection", "proxy-connection"))
        upstream.sendall(f"GET {path} HTTP/1.1\r\n{headers}Connection: close\r\n\r\n".encode())
        while data := upstream.recv(65536):
            self.wfile.write(data)
        self.close_connection = True


front = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Front)
threading.Thread(target=front.serve_forever, daemon=True).start()
elsewhere = {"server": "http://api.example.invalid", "proxy-url": f"http://127.0.0.1:{front.server_port}"}
Front.upstream = closed
report, done = closed.diagnose(cluster=elsewhere)
expect("a url that cannot be dialled from here", not report["findings"] and "cannot be dialled from here" in report["webhooks"][0].get("note", ""), (report, done.stderr))

# A proxy-url of the kubeconfig, for a server that only the proxy knows.
via = Cluster(lists(slices=DEAD), CORE)
Front.upstream, Front.used = via, False
report, done = via.diagnose(cluster=elsewhere)
expect("through a proxy-url", Front.used and len(report["findings"]) == 1, done.stderr)

# Several contexts in one report; kubectl finds the program as its plugin by its name.
fleet = {"apiVersion": "v1", "kind": "Config", "contexts": [{"name": n, "context": {"cluster": n, "user": "u"}} for n in ("a", "b", "lost")], "users": [{"name": "u", "user": {"token": "t"}}],
         "clusters": [{"name": n, "cluster": {"server": url}} for n, url in (("a", old.url), ("b", middle.url), ("lost", "http://127.0.0.1:1"))]}
(work / "fleet").write_text(json.dumps(fleet))
(work / "kubectl-gatepost").symlink_to(pathlib.Path(GATEPOST).resolve())
done = subprocess.run([work / "kubectl-gatepost", "diagnose", "--kubeconfig", work / "fleet", "--contexts", "all", "-o", "json"], capture_output=True, text=True, timeout=60)
report = json.loads(done.stdout)
expect("all contexts", done.returncode == 1 and [f["context"] for f in report["findings"]] == ["a", "b"] and report["summary"]["webhooks"] == 2 and
       report["summary"]["notReached"][0].startswith("lost: "), report)
done = subprocess.run([GATEPOST, "diagnose", "--kubeconfig", work / "fleet", "--contexts", "a,nowhere"], capture_output=True, text=True, timeout=60)
expect("a context of the fleet that is not there", done.returncode == 2 and 'no context "nowhere"' in done.stderr, done.stderr)
done = subprocess.run([GATEPOST, "diagnose", "--kubeconfig", work / "fleet", "--contexts", "lost"], capture_output=True, text=True, timeout=60)
expect("nobody could be reached", done.returncode == 3, (done.returncode, done.stderr))
sys.exit(1 if failures else 0)
