#!/usr/bin/env python3
"""Builds a large cluster on `gatepost serve` and measures a diagnosis of all its webhooks; run by bench/diagnose/run inside
tests/conformance/in-netns, where 10.96.4.21 is local.

Nine webhooks of ten are healthy: their Services lead to a backend that answers. Of the others, in turn: a Service that is
gone, a workload at zero, pods that are not ready, a port that nobody listens on, a certificate of another CA. Every configuration
is about one namespace of its own. Pods are spread over 200 namespaces.
"""
import argparse, base64, collections, concurrent.futures, http.client, json, os, resource, ssl, subprocess, tempfile, threading, time
from urllib.parse import urlsplit

import yaml

IP = "10.96.4.21"
NAMESPACES = 200
args = argparse.ArgumentParser()
args.add_argument("--gatepost", required=True)
args.add_argument("--webhooks", type=int, default=1000)
args.add_argument("--configurations", type=int, default=300)
args.add_argument("--services", type=int, default=2000)
args.add_argument("--pods", type=int, default=20000)
args.add_argument("--repeat", type=int, default=3)
args = args.parse_args()
work = tempfile.mkdtemp()
local = threading.local()


def backend(port, names, ca):
    process = subprocess.Popen([args.gatepost, "backend", "--listen", f"{IP}:{port}", "--ca-out", ca, *[f for n in names for f in ("--name", n)]],
                               stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    process.stdout.readline()
    return process


def call(method, path, body=None):
    if not hasattr(local, "connection"):
        local.connection = http.client.HTTPSConnection(url.hostname, url.port, context=trust, timeout=60)
    local.connection.request(method, path, None if body is None else json.dumps(body),
                             {"Authorization": "Bearer " + token, "Content-Type": "application/merge-patch+json" if method == "PATCH" else "application/json"})
    answer = local.connection.getresponse()
    text = answer.read()
    assert answer.status < 300, (answer.status, text[:500])


def ns_of(i):
    return f"team-{i % NAMESPACES}"


def pod(i):
    container = {"name": "c", "image": "registry.example.com/team/app:1.2.3", "ports": [{"containerPort": 9443}],
                 "env": [{"name": f"SETTING_{k}", "value": "some value of a usual length"} for k in range(10)],
                 "resources": {"requests": {"cpu": "100m", "memory": "128Mi"}, "limits": {"memory": "256Mi"}}}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": f"pod-{i}", "labels": {"app": f"app-{i % args.services}"}}, "spec": {"containers": [container]}}


def objects():
    """(path, object) of everything, in the order of creation."""
    for i in range(NAMESPACES):
        yield "/api/v1/namespaces", {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": f"team-{i}"}}
    for i in range(args.services):
        ns, selector = ns_of(i), {"app": f"app-{i}"}
        broken = i % 10 == 9 and i // 10 % 5
        port = 9499 if broken == 3 else 9443
        if not (i % 10 == 9 and broken == 0):
            yield f"/api/v1/namespaces/{ns}/services", {"apiVersion": "v1", "kind": "Service", "metadata": {"name": f"svc-{i}"},
                                                        "spec": {"selector": selector, "ports": [{"port": 443, "targetPort": port}]}}
        if broken != 1:
            yield f"/apis/discovery.k8s.io/v1/namespaces/{ns}/endpointslices", {
                "apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "addressType": "IPv4",
                "metadata": {"name": f"svc-{i}-x", "labels": {"kubernetes.io/service-name": f"svc-{i}"}},
                "endpoints": [{"addresses": [IP], "conditions": {"ready": broken != 2}}], "ports": [{"port": port}]}
        template = {"metadata": {"labels": selector}, "spec": {"containers": [{"name": "c", "image": "i", "ports": [{"containerPort": 9443}]}]}}
        yield f"/apis/apps/v1/namespaces/{ns}/deployments", {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": f"app-{i}"},
                                                             "spec": {"replicas": 0 if broken == 1 else 2, "selector": {"matchLabels": selector}, "template": template}}
    for i in range(args.pods):
        yield f"/api/v1/namespaces/{ns_of(i % args.services)}/pods", pod(i)
    for c in range(args.configurations):
        hooks = []
        for w in range(c, args.webhooks, args.configurations):
            bundle = other if w % 10 == 9 and w // 10 % 5 == 4 else good
            hooks.append({"name": f"w{w}.bench.io", "admissionReviewVersions": ["v1"], "sideEffects": "None", "timeoutSeconds": 5,
                          "clientConfig": {"service": {"name": f"svc-{w}", "namespace": ns_of(w), "path": "/"}, "caBundle": bundle},
                          "rules": [{"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["pods"]}],
                          "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": ns_of(c)}}})
        yield "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations", {
            "apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingWebhookConfiguration", "metadata": {"name": f"conf-{c}"}, "webhooks": hooks}


backends = [backend(9443, [f"*.{ns_of(i)}.svc" for i in range(NAMESPACES)], work + "/ca"), backend(9444, ["x"], work + "/other")]
good, other = (base64.b64encode(open(work + f, "rb").read()).decode() for f in ("/ca", "/other"))
with open(work + "/policy", "w") as policy:
    policy.write("apiVersion: audit.k8s.io/v1\nkind: Policy\nomitStages: [RequestReceived]\nrules: [{level: Metadata}]\n")
server = subprocess.Popen([args.gatepost, "serve", "--listen", "127.0.0.1:0", "--data", ":memory:", "--kubeconfig-out", work + "/k",
                           "--audit-log", work + "/audit", "--audit-policy", work + "/policy"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
try:
    assert server.stdout.readline().startswith("ready ")
    config = yaml.safe_load(open(work + "/k"))
    url = urlsplit(config["clusters"][0]["cluster"]["server"])
    trust = ssl.create_default_context(cadata=base64.b64decode(config["clusters"][0]["cluster"]["certificate-authority-data"]).decode())
    token = config["users"][0]["user"]["token"]
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        plain = list(objects())
        hooks = [o for o in plain if "webhookconfigurations" in o[0]]
        spaces = [o for o in plain if o[0] == "/api/v1/namespaces"]
        for group in (spaces, plain[len(spaces):len(plain) - len(hooks)], hooks):
            list(pool.map(lambda o: call("POST", *o), group))
    best, cpu, requests, found = None, 0, 0, {}
    for _ in range(args.repeat):
        size = os.path.getsize(work + "/audit")
        started, spent = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
        done = subprocess.run([args.gatepost, "diagnose", "--kubeconfig", work + "/k", "-o", "json"], capture_output=True, text=True)
        took = time.monotonic() - started
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        report = json.loads(done.stdout)
        time.sleep(0.5)
        with open(work + "/audit") as log:
            log.seek(size)
            events = [e for e in map(json.loads, log) if e.get("userAgent", "").startswith("gatepost")]
        if best is None or took < best:
            best, requests = took, len(events)
            cpu = used.ru_utime + used.ru_stime - spent.ru_utime - spent.ru_stime
            found = {**report["summary"], **collections.Counter(f.get("rootCause") or f["cause"] for f in report["findings"])}
    memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    print(f"DIAGNOSE webhooks={args.webhooks} configurations={args.configurations} services={args.services} pods={args.pods} "
          f"seconds={best:.2f} cpu_seconds={cpu:.2f} requests={requests} most_memory_mib={memory} {json.dumps(found)}")
finally:
    for process in (server, *backends):
        process.terminate()
        process.wait(20)
