#!/usr/bin/env python3
"""How a create's cost, memory and start-up grow with what is stored and configured.

    growth.py --gatepost BINARY [--objects 0,10000,1000000] [--configurations 0,10,1000] [--seconds 3]

One GROWTH line a combination: milliseconds from process start to the `ready` line, resident memory after it (MiB),
microseconds of processor time a create, its latency, and what a first page of 500 and a whole list take. Objects are
written into the store's file directly, as docs/storage-format.md has it; configurations are validating ones, half of
which name another resource and half another label, so that none is called.
"""
import argparse, os, shutil, signal, sqlite3, ssl, subprocess, sys, tempfile, time, urllib.request
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "tests", "conformance"))
from conformance import Server  # noqa: E402

PODS = "/api/v1/namespaces/default/pods"
CONFIGURATIONS = "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations"
POD = ('{"kind":"Pod","apiVersion":"v1","metadata":{"name":"%s","namespace":"default","uid":"%s",'
       '"creationTimestamp":"2026-01-01T00:00:00Z","resourceVersion":"%d"},"spec":{"restartPolicy":"Never","containers":'
       '[{"name":"probe","image":"busybox:1.36","args":["true"],"resources":{"requests":{"cpu":"10m","memory":"16Mi"}}}]},'
       '"status":{"phase":"Pending"}}')


class Gatepost:
    def __init__(self, binary, data):
        self.kubeconfig = data + ".kubeconfig"
        start = time.monotonic()
        self.process = subprocess.Popen([binary, "serve", "--listen", "127.0.0.1:0", "--data", data, "--durability", "relaxed",
                                         "--kubeconfig-out", self.kubeconfig], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        line = self.process.stdout.readline()
        self.ready_ms = (time.monotonic() - start) * 1000
        assert line.startswith(b"ready "), line

    def status(self, key):
        for line in open(f"/proc/{self.process.pid}/status"):
            if line.startswith(key + ":"):
                return int(line.split()[1]) / 1024

    def cpu_seconds(self):
        fields = open(f"/proc/{self.process.pid}/stat").read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()


def seed(path, count):
    store = sqlite3.connect(path + "/objects.db")
    last = max(store.execute("select max(revision) from object").fetchone()[0] or 0,
               store.execute("select revision from state").fetchone()[0])
    store.execute("pragma synchronous = off")
    rows = ((last + i, last + i, "/pods", "default", f"seed-{i:07}",
             (POD % (f"seed-{i:07}", f"00000000-0000-4000-8000-{i:012}", last + i)).encode()) for i in range(1, count + 1))
    store.executemany("insert into object (created, revision, collection, ns, name, bytes) values (?, ?, ?, ?, ?, ?)", rows)
    store.commit()
    store.close()
    os.sync()  # or the first move of the server's log would wait for all of it


def configure(server, count):
    for i in range(count):
        hook = {"name": "h.bench.io", "admissionReviewVersions": ["v1"], "sideEffects": "None",
                "rules": [{"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["pods" if i % 2 else "secrets"]}],
                "objectSelector": {"matchLabels": {f"team-{i}": "y"}}, "clientConfig": {"url": "https://127.0.0.1:1/"}}
        status, body, _ = server.call("POST", CONFIGURATIONS, {"apiVersion": "admissionregistration.k8s.io/v1", "webhooks": [hook],
                                                               "kind": "ValidatingWebhookConfiguration", "metadata": {"name": f"bench-{i:04}"}})
        assert status == 201, (status, body)


def creates(server, seconds):
    env = dict(os.environ, BODY=f"{HERE}/pod.json", TOKEN=server.token or "")
    scheme = "https" if server.ssl else "http"
    ran = subprocess.run(["wrk", "-t1", "-c16", f"-d{seconds}s", "--latency", "-s", f"{HERE}/create.lua",
                          f"{scheme}://{server.host}:{server.port}{PODS}"], env=env, capture_output=True, text=True)
    line = [l for l in ran.stdout.splitlines() if l.startswith("RESULT")][0]
    return dict(pair.split("=") for pair in line.split() if "=" in pair)


def list_seconds(server, query):
    context = ssl._create_unverified_context()
    request = urllib.request.Request(f"https://{server.host}:{server.port}{PODS}{query}", headers={"Authorization": f"Bearer {server.token}"})
    start, size = time.monotonic(), 0
    with urllib.request.urlopen(request, context=context) as answer:
        while piece := answer.read(1 << 20):
            size += len(piece)
    return time.monotonic() - start, size


def measure(binary, objects, configurations, seconds):
    work = tempfile.mkdtemp()
    data = work + "/store"
    try:
        first = Gatepost(binary, data)
        configure(Server(first.kubeconfig), configurations)
        first.stop()
        seed(data, objects)
        gatepost = Gatepost(binary, data)
        try:
            memory = gatepost.status("VmRSS")
            server = Server(gatepost.kubeconfig)
            before = gatepost.cpu_seconds()
            result = creates(server, seconds)
            cpu = (gatepost.cpu_seconds() - before) / max(1, int(result["requests"]))
            page, _ = list_seconds(server, "?limit=500")
            whole, size = list_seconds(server, "")
            print(f"GROWTH objects={objects} configurations={configurations} ready_ms={gatepost.ready_ms:.0f} rss_mib={memory:.0f} "
                  f"create_us={cpu * 1e6:.0f} p50_ms={result['p50_ms']} p99_ms={result['p99_ms']} page_ms={page * 1000:.1f} "
                  f"list_s={whole:.2f} list_mib={size / 1048576:.0f} peak_mib={gatepost.status('VmHWM'):.0f} unexpected={result['unexpected']}", flush=True)
        finally:
            gatepost.stop()
    finally:
        shutil.rmtree(work)


def main():
    numbers = lambda text: [int(n) for n in text.split(",")]  # noqa: E731
    ap = argparse.ArgumentParser()
    ap.add_argument("--gatepost", required=True)
    ap.add_argument("--objects", type=numbers, default=[0, 10_000, 1_000_000])
    ap.add_argument("--configurations", type=numbers, default=[0, 10, 1_000])
    ap.add_argument("--seconds", type=int, default=3)
    a = ap.parse_args()
    for objects in a.objects:
        measure(a.gatepost, objects, 0, a.seconds)
    for configurations in a.configurations:
        if configurations:
            measure(a.gatepost, 0, configurations, a.seconds)


if __name__ == "__main__":
    main()
