#!/usr/bin/env python3
"""Two servers on one etcd: they show the same, one or the other is killed while clients write, and nothing that was
acknowledged is lost; an etcd that is gone is said and comes back: etcd.py GATEPOST"""
import base64, http.client, json, pathlib, shutil, signal, socket, ssl, subprocess, sys, tempfile, threading, time
from urllib.parse import urlsplit

import yaml

failures = []


def expect(name, ok, seen=""):
    print(f"{'ok  ' if ok else 'FAIL'} {name} {'' if ok else seen}")
    if not ok:
        failures.append(name)


def free_ports(count):
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [s.getsockname()[1] for s in sockets]
    for s in sockets:
        s.close()
    return ports


class Server:
    def __init__(self, number):
        self.kubeconfig = work / f"kubeconfig-{number}"
        self.process = subprocess.Popen(
            [sys.argv[1], "serve", "--listen", "127.0.0.1:0", "--data", f"etcd://127.0.0.1:{client_port}",
             "--kubeconfig-out", self.kubeconfig], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.ready = self.process.stdout.readline()
        config = yaml.safe_load(self.kubeconfig.read_text())
        self.url = urlsplit(config["clusters"][0]["cluster"]["server"])
        self.authority = base64.b64decode(config["clusters"][0]["cluster"]["certificate-authority-data"]).decode()
        self.trust = ssl.create_default_context(cadata=self.authority)
        self.token = config["users"][0]["user"]["token"]

    def open(self, method, path, body=None, timeout=20, **headers):
        connection = http.client.HTTPSConnection(self.url.hostname, self.url.port, context=self.trust, timeout=timeout)
        connection.request(method, path, json.dumps(body) if body is not None else None,
                           {"Authorization": "Bearer " + self.token, "Content-Type": "application/json", **headers})
        return connection.getresponse()

    def call(self, method, path, body=None, **headers):
        answer = self.open(method, path, body, **headers)
        return answer.status, json.loads(answer.read())

    def kill(self, how=signal.SIGKILL):
        self.process.send_signal(how)
        return self.process.wait(20)


def start_etcd():
    client, peer = f"http://127.0.0.1:{client_port}", f"http://127.0.0.1:{peer_port}"
    process = subprocess.Popen(
        ["etcd", "--data-dir", work / "etcd", "--listen-client-urls", client, "--advertise-client-urls", client,
         "--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer, "--initial-cluster", "default=" + peer,
         "--unsafe-no-fsync"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    for _ in range(500):
        try:
            connection = http.client.HTTPConnection("127.0.0.1", client_port, timeout=5)
            connection.request("GET", "/health")
            if b'"true"' in connection.getresponse().read():
                return process
        except OSError:
            pass
        time.sleep(0.02)
    raise SystemExit("etcd does not start")


if not shutil.which("etcd"):
    print("no etcd here: nothing is tested\n0 passed, 0 failed, 1 skipped")
    sys.exit(0)
maps = "/api/v1/namespaces/default/configmaps"
work = pathlib.Path(tempfile.mkdtemp())
client_port, peer_port = free_ports(2)
etcd = start_etcd()
servers = []
try:
    servers = [Server(0), Server(1)]
    one, two = servers
    expect("servers on one etcd share their CA and token", (one.authority, one.token) == (two.authority, two.token))

    # What one acknowledged the other shows at once, with the same version.
    status, made = one.call("POST", maps, {"metadata": {"name": "a"}, "data": {"k": "1"}})
    status, seen = two.call("GET", maps + "/a")
    expect("what one wrote the other shows", status == 200 and seen == made, (status, seen))
    status, changed = two.call("PUT", maps + "/a", {**seen, "data": {"k": "2"}})
    expect("the other may change it", status == 200, changed)
    status, body = one.call("PUT", maps + "/a", {**seen, "data": {"k": "3"}})
    expect("the first to write wins", (status, body.get("reason")) == (409, "Conflict"), body)
    status, body = one.call("GET", maps)
    expect("lists agree", body["items"] == two.call("GET", maps)[1]["items"])

    # A watch that began at one goes on at the other, at the version it had come to.
    version = made["metadata"]["resourceVersion"]
    stream = two.open("GET", f"{maps}?watch=true&resourceVersion={version}&timeoutSeconds=5")
    event = json.loads(stream.readline())
    expect("a watch goes on at the other server", (event["type"], event["object"]) == ("MODIFIED", changed), event)

    # Clients write while first one and then the other server is killed and started again.
    acknowledged, stop = {}, threading.Event()

    def write(writer):
        number = 0
        while not stop.is_set():
            name = f"w{writer}-{number}"
            for server in (servers[writer % 2], servers[(writer + 1) % 2]):
                try:
                    status, body = server.call("POST", maps, {"metadata": {"name": name}, "data": {"n": name}})
                except (OSError, http.client.HTTPException, ValueError):
                    continue
                if status == 201:
                    acknowledged[name] = body["metadata"]["uid"]
                if status in (201, 409):
                    break
            number += 1

    writers = [threading.Thread(target=write, args=(i,)) for i in range(4)]
    for writer in writers:
        writer.start()
    for victim in (0, 1):
        time.sleep(0.7)
        servers[victim].kill()
        time.sleep(0.4)
        servers[victim] = Server(victim)
    time.sleep(0.7)
    stop.set()
    for writer in writers:
        writer.join()
    one, two = servers
    shown = [{item["metadata"]["name"]: item["metadata"]["uid"] for item in server.call("GET", maps)[1]["items"]}
             for server in servers]
    lost = {name for name, uid in acknowledged.items() for names in shown if names.get(name) != uid}
    expect("nothing that was acknowledged is lost", len(acknowledged) > 20 and not lost, (len(acknowledged), lost))
    expect("both show the same afterwards", shown[0] == shown[1])

    # Without etcd.
    etcd.kill()
    etcd.wait()
    status, body = one.call("GET", maps + "/a")
    expect("an etcd that is gone is said", status == 500 and body["message"].startswith(
        'rpc error: code = Unavailable desc = connection error: desc = "transport: Error while dialing: dial tcp'), (status, body))
    status, body = one.call("POST", maps, {"metadata": {"name": "never"}})
    expect("and writes are not acknowledged", status == 500, (status, body))
    etcd = start_etcd()
    status, body = one.call("POST", maps, {"metadata": {"name": "back"}})
    expect("with etcd all comes back", status == 201, (status, body))
    status, body = two.call("GET", maps + "/back")
    expect("at the other server too", status == 200, (status, body))
    expect("the server ends with 0", [server.kill(signal.SIGTERM) for server in servers] == [0, 0])

    wrong = subprocess.run([sys.argv[1], "serve", "--data", "etcd://127.0.0.1"], capture_output=True, text=True)
    expect("a wrong address is one line", (wrong.returncode, wrong.stderr) == (
        2, 'gatepost serve: "etcd://127.0.0.1": address 127.0.0.1: missing port in address\n'), wrong)
finally:
    for server in servers:
        server.process.kill()
    etcd.kill()
    shutil.rmtree(work, ignore_errors=True)
print(f"{'failed' if failures else 'passed'}")
sys.exit(1 if failures else 0)
