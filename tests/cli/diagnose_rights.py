#!/usr/bin/env python3
"""`gatepost diagnose` only reads, and deploy/rbac-diagnose.yaml grants exactly what it uses: diagnose_rights.py GATEPOST

Every request of a full run is taken from the server's audit log. The cluster is made so that every check has something to
do: a webhook for each kind of dry run, a crashed container, a Secret that an annotation names, a Service whose pod can only
be tried through the proxy and a port-forward.
"""
import base64, http.client, json, pathlib, ssl, subprocess, sys, tempfile, time
from urllib.parse import parse_qs, urlsplit

import yaml

GATEPOST = sys.argv[1]
ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
work = pathlib.Path(tempfile.mkdtemp())
failures = []


def expect(name, ok, seen=""):
    print(f"{'ok  ' if ok else 'FAIL'} {name} {'' if ok else str(seen)[:3000]}", flush=True)
    if not ok:
        failures.append(name)


def meta(name, ns="sys", **more):
    return {"name": name, **({"namespace": ns} if ns else {}), **more}


def hook(name, resource, group="", scope="*", client=None, **metadata):
    version = "v1"
    return {"apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingWebhookConfiguration", "metadata": meta(name, None, **metadata),
            "webhooks": [{"name": name + ".test.io", "admissionReviewVersions": ["v1"], "sideEffects": "None", "timeoutSeconds": 1, "failurePolicy": "Ignore",
                          "clientConfig": client, "objectSelector": {"matchLabels": {"only": name}},
                          "rules": [{"apiGroups": [group], "apiVersions": [version], "operations": ["CREATE"], "resources": [resource], "scope": scope}]}]}


def service(name, ns="sys"):
    return {"apiVersion": "v1", "kind": "Service", "metadata": meta(name, ns), "spec": {"selector": {"app": name}, "ports": [{"port": 443, "targetPort": 9443}]}}


def pod(name, status):
    return {"apiVersion": "v1", "kind": "Pod", "metadata": meta(name + "-1", labels={"app": name}), "spec": {"containers": [{"name": "c", "image": "i"}]}, "status": status}


KINDS = [("pods", ""), ("configmaps", ""), ("secrets", ""), ("services", ""), ("serviceaccounts", ""), ("namespaces", ""), ("deployments", "apps"), ("statefulsets", "apps"),
         ("daemonsets", "apps"), ("jobs", "batch"), ("ingresses", "networking.k8s.io")]
FAR = {"service": {"name": "far", "namespace": "sys"}}
crash = {"conditions": [{"type": "Ready", "status": "False"}], "containerStatuses": [{
    "name": "c", "image": "i", "imageID": "", "ready": False, "restartCount": 3, "state": {"waiting": {"reason": "CrashLoopBackOff"}},
    "lastState": {"terminated": {"exitCode": 1, "reason": "Error"}}}]}
(work / "policy").write_text("apiVersion: audit.k8s.io/v1\nkind: Policy\nomitStages: [RequestReceived, ResponseStarted]\nrules: [{level: Metadata}]\n")
backend = subprocess.Popen([GATEPOST, "backend", "--fault", "unknown-authority", "--ca-out", work / "ca"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
address = backend.stdout.readline().split()[1]
server = subprocess.Popen([GATEPOST, "serve", "--listen", "127.0.0.1:0", "--data", ":memory:", "--kubeconfig-out", work / "k", "--audit-log", work / "audit",
                           "--audit-policy", work / "policy"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
try:
    server.stdout.readline()
    config = yaml.safe_load((work / "k").read_text())
    url = urlsplit(config["clusters"][0]["cluster"]["server"])
    trust = ssl.create_default_context(cadata=base64.b64decode(config["clusters"][0]["cluster"]["certificate-authority-data"]).decode())

    def call(method, path, body=None, content="application/json"):
        connection = http.client.HTTPSConnection(url.hostname, url.port, context=trust, timeout=20)
        connection.request(method, path, None if body is None else json.dumps(body), {"Authorization": "Bearer " + config["users"][0]["user"]["token"], "Content-Type": content})
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read().decode())

    PLURALS = {"Namespace": "namespaces", "Service": "services", "Pod": "pods", "ValidatingWebhookConfiguration": "validatingwebhookconfigurations",
               "EndpointSlice": "endpointslices", "Endpoints": "endpoints", "ClusterRole": "clusterroles", "ClusterRoleBinding": "clusterrolebindings", "Secret": "secrets"}

    def create(obj):
        group, ns, status = obj["apiVersion"], obj["metadata"].get("namespace"), obj.pop("status", None)
        path = ("/api/" if group == "v1" else "/apis/") + group + (f"/namespaces/{ns}" if ns else "") + "/" + PLURALS[obj["kind"]]
        code, body = call("POST", path, obj)
        assert code == 201, body
        if status:
            code, body = call("PATCH", path + "/" + obj["metadata"]["name"] + "/status", {"status": status}, "application/merge-patch+json")
            assert code == 200, body

    create({"apiVersion": "v1", "kind": "Namespace", "metadata": meta("sys", None)})
    role = yaml.safe_load((ROOT / "deploy" / "rbac-diagnose.yaml").read_text())
    create(json.loads(json.dumps(role)))
    create({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding", "metadata": meta("jane", None),
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": role["metadata"]["name"]},
            "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "jane"}]})
    create(service("far"))
    create(pod("far", {"conditions": [{"type": "Ready", "status": "True"}]}))
    create({"apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "addressType": "IPv4", "metadata": meta("far-x", labels={"kubernetes.io/service-name": "far"}),
            "endpoints": [{"addresses": ["192.0.2.1"], "conditions": {"ready": True}, "targetRef": {"kind": "Pod", "name": "far-1", "namespace": "sys"}}], "ports": [{"port": 9443}]})
    create({"apiVersion": "v1", "kind": "Endpoints", "metadata": meta("far"), "subsets": [{"addresses": [{"ip": "192.0.2.1"}], "ports": [{"port": 9443}]}]})
    create(service("crash"))
    create(pod("crash", crash))
    create({"apiVersion": "v1", "kind": "Secret", "metadata": meta("ca"), "data": {"ca.crt": base64.b64encode((work / "ca").read_bytes()).decode(), "password": "aHVudGVyMg=="}})
    for resource, group in KINDS:
        create(hook("for-" + resource, resource, group, client=FAR))
    create(hook("crash", "widgets", "test.io", client={"service": {"name": "crash", "namespace": "sys"}}))
    create(hook("untrusted", "pods", client={"url": address + "/x", "caBundle": base64.b64encode((work / "ca").read_bytes()).decode()},
                annotations={"cert-manager.io/inject-ca-from-secret": "sys/ca"}))

    def versions():
        out = {}
        for path in ("/api/v1/pods", "/api/v1/secrets", "/api/v1/namespaces", "/api/v1/services", "/api/v1/configmaps", "/apis/apps/v1/deployments",
                     "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations", "/apis/discovery.k8s.io/v1/endpointslices"):
            for item in call("GET", path)[1]["items"]:
                out[path, item["metadata"].get("namespace"), item["metadata"]["name"]] = item["metadata"]["resourceVersion"]
        return out

    before = versions()
    time.sleep(0.3)
    size = (work / "audit").stat().st_size
    done = subprocess.run([GATEPOST, "diagnose", "--kubeconfig", work / "k", "--as", "jane", "-o", "json"], capture_output=True, text=True, timeout=60)
    report = json.loads(done.stdout)
    expect("webhooks were found unhealthy", len(report["findings"]) >= 3, report["webhooks"])
    expect("nothing was hidden by a missing right", "notSeen" not in report["summary"], report["summary"])
    expect("no secret is told", "hunter2" not in done.stdout and "aHVudGVyMg" not in done.stdout and "BEGIN" not in done.stdout)
    expect("nothing has changed", versions() == before)

    time.sleep(0.5)
    with open(work / "audit") as log:
        log.seek(size)
        events = [e for e in map(json.loads, log) if e.get("userAgent", "").startswith("gatepost/")]
    expect("requests were recorded", len(events) > 30, len(events))
    used, odd = set(), []
    for event in events:
        ref = event.get("objectRef")
        if ref is None:
            used.add((urlsplit(event["requestURI"]).path, event["verb"]))
            continue
        resource = ref["resource"] + ("/" + ref["subresource"] if ref.get("subresource") else "")
        used.add((ref.get("apiGroup", ""), resource, event["verb"]))
        dry = parse_qs(urlsplit(event["requestURI"]).query).get("dryRun") == ["All"]
        if event["verb"] not in ("get", "list") and not (event["verb"] == "create" and dry):
            odd.append((event["verb"], event["requestURI"]))
    expect("all of it reads or is a dry run", not odd, odd)
    granted = set()
    for rule in role["rules"]:
        granted |= {(path, verb) for path in rule.get("nonResourceURLs", []) for verb in rule["verbs"]}
        granted |= {(g, r, v) for g in rule.get("apiGroups", []) for r in rule.get("resources", []) for v in rule["verbs"]}
    granted.discard(("", "pods/portforward", "create"))  # what Kubernetes 1.35 asks for in its place
    expect("the manifest grants all that is used", not used - granted, used - granted)
    expect("and no more", not granted - used, granted - used)
finally:
    for process in (server, backend):
        process.terminate()
        process.wait(20)
sys.exit(1 if failures else 0)
