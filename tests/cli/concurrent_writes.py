#!/usr/bin/env python3
"""Patches that meet each other are applied anew, a PUT of an old version is refused: concurrent_writes.py GATEPOST

A webhook that takes its time lies between what a write read and what it stores.
"""
import concurrent.futures, http.client, json, pathlib, ssl, subprocess, sys, tempfile
from urllib.parse import urlsplit

import yaml

GATEPOST, WRITERS = sys.argv[1], 6
MAPS = "/api/v1/namespaces/default/configmaps"
failed = 0


def expect(what, good, seen=""):
    global failed
    failed += not good
    print("ok  " if good else "FAIL", what, "" if good else seen)


with tempfile.TemporaryDirectory() as work:
    server = subprocess.Popen([GATEPOST, "serve", "--listen", "127.0.0.1:0", "--data", ":memory:", "--kubeconfig-out", f"{work}/k"],
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    backend = subprocess.Popen([GATEPOST, "backend", "--fault", "slow=100ms", "--webhook-out", f"{work}/webhook.yaml"],
                               stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        server.stdout.readline(), backend.stdout.readline()
        kubeconfig = yaml.safe_load(pathlib.Path(f"{work}/k").read_text())
        url = urlsplit(kubeconfig["clusters"][0]["cluster"]["server"])
        token = kubeconfig["users"][0]["user"]["token"]

        def call(method, path, body, kind="application/json"):
            connection = http.client.HTTPSConnection(url.hostname, url.port, context=ssl._create_unverified_context(), timeout=30)
            connection.request(method, path, json.dumps(body), {"Authorization": "Bearer " + token, "Content-Type": kind})
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())

        status, made = call("POST", MAPS, {"metadata": {"name": "shared"}, "data": {}})
        expect("made", status == 201, made)
        webhook = yaml.safe_load(pathlib.Path(f"{work}/webhook.yaml").read_text())
        for hook in webhook["webhooks"]:
            hook["rules"] = [{"apiGroups": ["", "apps"], "apiVersions": ["v1"], "operations": ["UPDATE"], "resources": ["configmaps", "deployments/scale"]}]
        plural = webhook["kind"].lower() + "s"
        status, configured = call("POST", f"/apis/admissionregistration.k8s.io/v1/{plural}", webhook)
        expect("configured", status == 201, configured)

        patches = {
            "application/merge-patch+json": lambda i: {"data": {f"k{i}": "v"}},
            "application/strategic-merge-patch+json": lambda i: {"data": {f"s{i}": "v"}},
            "application/apply-patch+yaml": lambda i: {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "shared"}, "data": {f"a{i}": "v"}},
        }
        with concurrent.futures.ThreadPoolExecutor(WRITERS) as pool:
            for kind, patch in patches.items():
                answers = list(pool.map(lambda i: call("PATCH", f"{MAPS}/shared?fieldManager=m{i}", patch(i), kind), range(WRITERS)))
                expect(f"all of {kind} are done", all(code == 200 for code, _ in answers), [a for c, a in answers if c != 200])
            _, shared = call("GET", f"{MAPS}/shared", None)
            expect("and none is lost", len(shared["data"]) == 3 * WRITERS, shared["data"])
            answers = list(pool.map(lambda i: call("PUT", f"{MAPS}/shared", {**shared, "data": {"put": str(i)}})[0], range(WRITERS)))
            template = {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": [{"name": "c", "image": "i"}]}}
            apps = "/apis/apps/v1/namespaces/default/deployments"
            status, made = call("POST", apps, {"metadata": {"name": "d"}, "spec": {"selector": {"matchLabels": {"a": "b"}}, "template": template}})
            expect("a deployment is made", status == 201, made)
            scaled = list(pool.map(lambda i: call("PATCH", f"{apps}/d/scale", {"spec": {"replicas": i + 2}}, "application/merge-patch+json"), range(WRITERS)))
            expect("all scalings are done", all(code == 200 for code, _ in scaled), [a for c, a in scaled if c != 200])
        expect("of PUTs of one version one is done", sorted(answers) == [200] + [409] * (WRITERS - 1), answers)
    finally:
        for process in (server, backend):
            process.terminate()
            process.wait()
sys.exit(1 if failed else 0)
