#!/usr/bin/env python3
"""The program is killed after each single API call of a repair that may change something: the cluster is as before, as planned,
or `restore` brings it back, and never without a backup: fix_kill.py GATEPOST

Between program and server stands a proxy that counts the calls from the first write on, and kills the program when the server
has answered the one it is told to, before the program hears of it.
"""
import http.client, http.server, json, pathlib, shutil, ssl, subprocess, sys, threading

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "remedy"))
from stage import ADDRESS, Backend, Stage, b64, endpoints, hook, inside_netns, pod, service, steady, workload  # noqa: E402

import yaml

inside_netns()


class Proxy(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, stage):
        super().__init__(("127.0.0.1", 0), Handler)
        self.stage, self.limit, self.count, self.victim, self.writing, self.writes = stage, 0, 0, None, False, []
        self.lock = threading.Lock()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def arm(self, limit):
        self.limit, self.count, self.writing, self.writes = limit, 0, False, []

    def handle_error(self, *unused):
        pass  # the killed program's connections


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *unused):
        pass

    def forward(self):
        proxy = self.server
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        upstream = http.client.HTTPSConnection(proxy.stage.url.hostname, proxy.stage.url.port, context=proxy.stage.trust, timeout=20)
        headers = {k: v for k, v in self.headers.items() if k.lower() not in ("host", "connection", "content-length")}
        upstream.request(self.command, self.path, body or None, headers)
        answer = upstream.getresponse()
        data = answer.read()
        upstream.close()
        with proxy.lock:
            dry = "dryRun=All" in self.path or b'"dryRun":["All"]' in body or "accessreviews" in self.path
            proxy.writing = proxy.writing or (self.command != "GET" and not dry)
            if proxy.writing:
                proxy.writes.append(self.command != "GET" and not dry)
            if proxy.writing and proxy.limit:
                proxy.count += 1
                if proxy.count == proxy.limit and proxy.victim:
                    proxy.victim.kill()
                    return
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.headers.get("Content-Type", "application/json"))
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = forward


with Stage(sys.argv[1]) as stage:
    for ns in ("sys", "other"):
        stage.call("POST", "/api/v1/namespaces", {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": ns}})
    proxy = Proxy(stage)
    config = json.loads(json.dumps(stage.config))
    config["clusters"][0]["cluster"] = {"server": f"http://127.0.0.1:{proxy.server_port}"}
    (stage.dir / "proxied").write_text(yaml.safe_dump(config))
    kubeconfig = stage.dir / "proxied"
    budget = {"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": {"name": "hook", "namespace": "sys"}}

    def restore(*arguments):
        return subprocess.run([stage.gatepost, "restore", "--backup-dir", stage.backups, "--kubeconfig", kubeconfig, *arguments], capture_output=True, text=True, timeout=60)

    def killed_everywhere(name, watched, *command):
        def state():
            return [steady(o) if o else None for o in map(stage.get, watched)]

        # A first run to the end tells which calls there are. Of reads in a row the first is enough: the others find and leave
        # the same.
        before, wrong, limits = state(), [], [10 ** 6]
        while limits:
            limit = limits.pop(0)
            shutil.rmtree(stage.backups, ignore_errors=True)
            proxy.arm(limit)
            proxy.victim = subprocess.Popen([stage.gatepost, *command, "--backup-dir", stage.backups, "--kubeconfig", kubeconfig, "--wait", "0s",
                                             *(["--verify-for", "0s"] if command[0] == "fix" else [])], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            said = proxy.victim.communicate(timeout=60)
            killed, writes = proxy.victim.returncode == -9, proxy.writes
            if limit == 10 ** 6:
                limits = [i + 1 for i, write in enumerate(writes) if write or (i and writes[i - 1])]
                points = len(limits)
            elif not killed:
                wrong.append((limit, "was not killed", proxy.victim.returncode, said))
            proxy.arm(0)
            backups = sorted(stage.backups.glob("*.json"))
            if not killed and proxy.victim.returncode not in (0, 1):
                wrong.append((limit, "ended with", proxy.victim.returncode, said))
                points = 0
                break
            if state() != before and not backups:
                wrong.append((limit, "changed without a backup"))
            # Twice: a temporary measure is taken back first, and then what was meant to last.
            for _ in range(2):
                for backup in backups:
                    done = restore(backup)
                    if done.returncode != 0:
                        wrong.append((limit, done.returncode, done.stdout, done.stderr))
            if state() != before:
                wrong.append((limit, "not brought back", before, state()))
                break
        stage.expect(f"{name}: killed after each of {points} calls", not wrong and points > 5, wrong[:3])
        stage.clear()

    backend, stranger = Backend(stage), Backend(stage)
    stale = hook(client={"service": {"name": "hook", "namespace": "sys"}, "caBundle": b64(stranger.ca)})
    ca = stage.dir / "the-ca"
    ca.write_text(backend.ca)
    stage.create(service(), endpoints(backend.port), workload(), pod(), stale)
    killed_everywhere("resync-ca-bundle", [stale], "fix", "--apply", "--ca-file", ca)

    dead = hook(client={"service": {"name": "gone", "namespace": "sys"}})
    stage.create(dead)
    killed_everywhere("delete-stale-configuration", [dead], "fix", "--apply")

    backend = Backend(stage)
    asleep = workload(replicas=0)
    registered = hook(client={"service": {"name": "hook", "namespace": "sys"}, "caBundle": b64(backend.ca)})
    stage.create(service(), {**endpoints(backend.port), "endpoints": []}, asleep, registered)
    killed_everywhere("scale-backend", [asleep, budget, registered], "fix", "--apply")

    expired = Backend(stage, fault="expired")
    mounts = [{"name": "tls", "secret": {"secretName": "hook-tls"}}]
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "hook-tls", "namespace": "sys"}, "type": "Opaque", "data": {"tls.crt": b64(ssl.get_server_certificate((ADDRESS, expired.port))), "tls.key": b64("none")}}
    registered = hook(client={"service": {"name": "hook", "namespace": "sys"}, "caBundle": b64(expired.ca)})
    stage.create(service(), endpoints(expired.port), workload(volumes=mounts), pod(volumes=mounts), secret, registered)
    killed_everywhere("renew-certificate", [registered, secret, workload()], "fix", "--apply")

    pods = [{"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["pods", "configmaps", "nodes"]}]
    locked = hook(rules=pods)
    stage.create(service(), {**endpoints(1), "endpoints": []}, workload(), locked)
    killed_everywhere("break-deadlock", [locked, workload()], "fix", "--apply")

    for arguments in ((), ("--delete",)):
        stage.create(service(), {**endpoints(1), "endpoints": []}, locked)
        killed_everywhere(f"break-glass {' '.join(arguments)}", [locked], "break-glass", "w.test.io", *arguments)

    backend = Backend(stage)
    misled = hook(client={"service": {"name": "hook", "namespace": "sys", "port": 8443}, "caBundle": b64(backend.ca)})
    stage.create(service(), endpoints(backend.port), workload(), pod(), misled)
    killed_everywhere("fix-service-reference", [misled], "fix", "--apply")

    stage.create(service(), {**endpoints(1), "endpoints": []}, workload(), locked)
    killed_everywhere("set-failure-policy", [locked], "fix", "--apply", "--step", "set-failure-policy")
sys.exit(1 if stage.failures else 0)
