#!/usr/bin/env python3
"""`gatepost diagnose` on broken clusters that need no network of their own: diagnose.py GATEPOST

Each situation is built on `gatepost serve`, diagnosed, and taken away again; the recorded ones with real endpoints are in
tests/situations.
"""
import base64, copy, http.client, json, os, pathlib, shutil, ssl, subprocess, sys, tempfile
from urllib.parse import urlsplit

import yaml

GATEPOST = sys.argv[1]
work = pathlib.Path(tempfile.mkdtemp())
failures = []


def expect(name, ok, seen=""):
    print(f"{'ok  ' if ok else 'FAIL'} {name} {'' if ok else str(seen)[:1500]}")
    if not ok:
        failures.append(name)


def hook(name="w.test.io", client=None, ns="sys", kind="Validating", annotations=None, **extra):
    return {"apiVersion": "admissionregistration.k8s.io/v1", "kind": kind + "WebhookConfiguration",
            "metadata": {"name": name, "annotations": annotations or {}},
            "webhooks": [{"name": name, "admissionReviewVersions": ["v1"], "sideEffects": "None", "timeoutSeconds": 3,
                          "clientConfig": client or {"service": {"name": "hook", "namespace": ns}},
                          "rules": [{"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["pods"]}], **extra}]}


def service(ns="sys"):
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "hook", "namespace": ns},
            "spec": {"selector": {"app": "hook"}, "ports": [{"port": 443, "targetPort": 9443}]}}


def workload(kind="Deployment", ns="sys", **spec):
    labels = {"app": "hook"}
    return {"apiVersion": "apps/v1", "kind": kind, "metadata": {"name": "hook", "namespace": ns},
            "spec": {"selector": {"matchLabels": labels}, "template": {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "c", "image": "i"}]}},
                     **({"serviceName": "hook"} if kind == "StatefulSet" else {}), **spec}}


def pod(status, ns="sys", **spec):
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "hook-1", "namespace": ns, "labels": {"app": "hook"}},
            "spec": {"containers": [{"name": "c", "image": "i"}], **spec}, "status": status}


def container(state, last=None, **more):
    return {"name": "c", "image": "i", "imageID": "", "ready": False, "restartCount": 7, "state": state, **({"lastState": last} if last else {}), **more}


NAMESPACES = [{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": n}} for n in ("sys", "other")]
UNREADY = [{"type": "PodScheduled", "status": "True"}, {"type": "Ready", "status": "False"}]
crash = {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off"}}
OBJECTS = {
    "namespace-missing": [hook(ns="gone")],
    "stale-configuration": [hook()],
    "backend-scaled-to-zero": [service(), workload(replicas=0), hook()],
    "backend-scaled-to-zero, a stateful set": [service(), workload("StatefulSet", replicas=0), hook()],
    "backend-oom-killed": [service(), workload(), pod({"conditions": UNREADY, "containerStatuses": [container(crash, {"terminated": {"exitCode": 137, "reason": "OOMKilled"}})]}), hook()],
    "backend-crashloop, an init container": [service(), workload(), pod({"conditions": UNREADY, "initContainerStatuses": [container(crash, {"terminated": {"exitCode": 1, "reason": "Error"}}, name="init")]},
                                             initContainers=[{"name": "init", "image": "i"}]), hook()],
    "backend-image-pull": [service(), workload(), pod({"conditions": UNREADY, "containerStatuses": [container({"waiting": {"reason": "ImagePullBackOff", "message": "no such image"}})]}), hook()],
    "backend-not-ready, a missing ConfigMap": [service(), workload(), pod({"conditions": UNREADY, "containerStatuses": [container({"waiting": {"reason": "CreateContainerConfigError", "message": "configmap \"x\" not found"}})]}), hook()],
    "self-deadlock": [service(), workload(), hook()],
    "selector-matches-nothing": [service(), hook(namespaceSelector={"matchLabels": {"a": "b"}})],
    "mutual-deadlock": [service(), workload(), service("other"), workload(ns="other"),
                        hook(namespaceSelector={"matchLabels": {"kubernetes.io/metadata.name": "other"}}),
                        hook("b.test.io", ns="other", kind="Mutating", namespaceSelector={"matchLabels": {"kubernetes.io/metadata.name": "sys"}})],
    "service-port-missing": [service(), hook(client={"service": {"name": "hook", "namespace": "sys", "port": 8443}})],
}
# fault of the backend -> what the configuration has of its CA, root cause
BACKENDS = [
    ("refused", "ca", "container-not-listening"), ("not-tls", "ca", "backend-not-tls"), ("expired", "ca", "certificate-expired"),
    ("wrong-name", "ca", "certificate-lacks-service-name"), ("no-san", "ca", "certificate-lacks-service-name"), ("http-404", "ca", "wrong-path"),
    ("unknown-authority", "ca", "ca-bundle-stale"), ("none", "", "ca-bundle-missing"), ("slow=5s", "ca", "slow-backend"),
]

server = subprocess.Popen([GATEPOST, "serve", "--listen", "127.0.0.1:0", "--data", ":memory:", "--kubeconfig-out", work / "k"],
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
try:
    server.stdout.readline()
    config = yaml.safe_load((work / "k").read_text())
    url = urlsplit(config["clusters"][0]["cluster"]["server"])
    trust = ssl.create_default_context(cadata=base64.b64decode(config["clusters"][0]["cluster"]["certificate-authority-data"]).decode())
    token = config["users"][0]["user"]["token"]
    PLURALS = {"Namespace": "namespaces", "Service": "services", "Pod": "pods", "Deployment": "deployments", "StatefulSet": "statefulsets",
               "ValidatingWebhookConfiguration": "validatingwebhookconfigurations", "MutatingWebhookConfiguration": "mutatingwebhookconfigurations"}

    def call(method, path, body=None, content="application/json"):
        connection = http.client.HTTPSConnection(url.hostname, url.port, context=trust, timeout=20)
        connection.request(method, path, None if body is None else json.dumps(body), {"Authorization": "Bearer " + token, "Content-Type": content})
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read().decode())

    def path_of(obj):
        group = obj["apiVersion"]
        ns = obj["metadata"].get("namespace")
        return ("/api/" if group == "v1" else "/apis/") + group + (f"/namespaces/{ns}" if ns else "") + "/" + PLURALS[obj["kind"]]

    def create(obj):
        obj = copy.deepcopy(obj)
        status = obj.pop("status", None)
        code, body = call("POST", path_of(obj), obj)
        assert code == 201, body
        item = path_of(obj) + "/" + obj["metadata"]["name"]
        if status:
            code, body = call("PATCH", item + "/status", {"status": status}, "application/merge-patch+json")
            assert code == 200, body
        return item

    def diagnose(*arguments, kubeconfig=work / "k", stdin=None):
        return subprocess.run([GATEPOST, "diagnose", "--kubeconfig", kubeconfig, *arguments], input=stdin, capture_output=True, text=True, timeout=60)

    def findings(*arguments, **options):
        done = diagnose("-o", "json", *arguments, **options)
        try:
            return json.loads(done.stdout)["findings"]
        except ValueError:
            return [{"error": done.stderr}]

    def check(name, objects):
        made = [create(o) for o in objects]
        found = [f for f in findings() if f.get("webhook") == "w.test.io"]
        root = name.split(",")[0]
        expect(name, len(found) == 1 and found[0].get("rootCause") == root, [(f.get("cause"), f.get("rootCause"), f.get("evidence")) for f in found])
        if found:
            expect(f"{name}: has evidence, impact and next commands", all(found[0].get(k) for k in ("evidence", "impact", "next", "message")), found)
        for item in sorted(made, key=lambda p: "webhookconfigurations" not in p):
            call("DELETE", item + "?gracePeriodSeconds=0")

    for ns in NAMESPACES:
        create(ns)
    expect("nothing registered", diagnose().returncode == 0)
    for name, objects in OBJECTS.items():
        check(name, objects)
    for fault, trusts, root in BACKENDS:
        backend = subprocess.Popen([GATEPOST, "backend", "--fault", fault, "--ca-out", work / "ca"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        try:
            address = backend.stdout.readline().split()[1]
            bundle = base64.b64encode((work / "ca").read_bytes()).decode() if trusts else None
            check(f"{root}, a url with fault {fault}", [hook(client={"url": address + "/x", **({"caBundle": bundle} if bundle else {})})])
        finally:
            backend.terminate()
            backend.wait(20)

    # Healthy, also when failures are ignored and a dry run proves nothing.
    backend = subprocess.Popen([GATEPOST, "backend", "--ca-out", work / "ca"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    address = backend.stdout.readline().split()[1]
    client = {"url": address + "/x", "caBundle": base64.b64encode((work / "ca").read_bytes()).decode()}
    for name, extra in (("healthy", {}), ("healthy and failing open", {"failurePolicy": "Ignore"})):
        item = create(hook(client=client, **extra))
        expect(name, findings() == [], findings())
        call("DELETE", item)
    backend.terminate()
    backend.wait(20)

    # With the rights of deploy/rbac-diagnose.yaml nothing stays unseen; without one of them it is told.
    role = yaml.safe_load((pathlib.Path(__file__).resolve().parent.parent.parent / "deploy" / "rbac-diagnose.yaml").read_text())
    rbac = "/apis/rbac.authorization.k8s.io/v1/"
    binding = {"apiVersion": role["apiVersion"], "kind": "ClusterRoleBinding", "metadata": {"name": "jane"},
               "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": role["metadata"]["name"]},
               "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "jane"}]}
    for plural, body in (("clusterroles", role), ("clusterrolebindings", binding)):
        code, answer = call("POST", rbac + plural, body)
        assert code == 201, answer
    made = [create(o) for o in (service(), workload(), hook())]
    evidence = [e["check"] for f in findings("--as", "jane") for e in f.get("evidence", [])]
    expect("the manifest's rights are enough", evidence and "not seen" not in evidence, evidence)
    role["rules"] = [r for r in role["rules"] if r.get("apiGroups") != ["apps"]]
    call("PUT", rbac + "clusterroles/" + role["metadata"]["name"], role)
    evidence = [e["check"] for f in findings("--as", "jane") for e in f.get("evidence", [])]
    expect("what could not be seen is told", "not seen" in evidence, evidence)
    for item in reversed(made):
        call("DELETE", item)
    call("DELETE", rbac + "clusterrolebindings/jane")

    # Use and misuse.
    item = create(hook())
    text = 'Error from server (InternalError): Internal error occurred: failed calling webhook "w.test.io": failed to call webhook: Post "https://hook.sys.svc:443/?timeout=3s": service "hook" not found'
    expect("an error leads to its webhook", [f.get("webhook") for f in findings("--error", "-", stdin=text)] == ["w.test.io"])
    expect("a name chooses", len(findings("w.test.io")) == 1)
    done = diagnose("w.tets.io")
    expect("a misspelt name offers the nearest", done.returncode == 2 and "w.test.io" in done.stderr and done.stderr.count("\n") == 1, done.stderr)
    done = diagnose("--error", "no webhook here")
    expect("a text without a webhook", done.returncode == 2 and done.stderr.count("\n") == 1, done.stderr)
    done = diagnose("--context", "nowhere")
    expect("a context that is not there", done.returncode == 2 and 'no context "nowhere"' in done.stderr, done.stderr)
    config["users"][0]["user"] = {"token": "wrong"}
    (work / "wrong").write_text(yaml.safe_dump(config))
    done = diagnose(kubeconfig=work / "wrong")
    expect("expired credentials", done.returncode == 3 and done.stderr.count("\n") == 1, done.stderr)
    done = diagnose("--as", "jane")
    expect("forbidden", done.returncode == 3 and "jane" in done.stderr, done.stderr)
    config["clusters"][0]["cluster"]["server"] = "https://127.0.0.1:1"
    (work / "unreachable").write_text(yaml.safe_dump(config))
    done = diagnose(kubeconfig=work / "unreachable")
    expect("an unreachable server", done.returncode == 3 and "connection refused" in done.stderr, done.stderr)
    screen, end = os.openpty()
    done = subprocess.run([GATEPOST, "diagnose", "--kubeconfig", work / "k"], stdout=subprocess.PIPE, stderr=end, timeout=60)
    shown = os.read(screen, 65536).decode()
    expect("a terminal sees progress, and nothing of it at the end", "trying 1 webhooks" in shown and shown.endswith("\r\x1b[K"), repr(shown))
    for fd in (screen, end):
        os.close(fd)
    done = diagnose("-o", "yaml")
    expect("yaml is the document", yaml.safe_load(done.stdout)["findings"][0]["rootCause"] == "stale-configuration" and done.stderr == "", done.stderr)
    page = diagnose("-o", "html").stdout
    expect("html stands alone", "<svg" in page and "stale-configuration" in page and "http://" not in page and "<script" not in page and "src=" not in page, page)
    if browser := shutil.which("chromium") or shutil.which("chromium-browser"):
        (work / "page.html").write_text(page)
        dump = subprocess.run([browser, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={work}/browser", "--dump-dom", (work / "page.html").as_uri()],
                              capture_output=True, text=True, timeout=60).stdout
        expect("a browser draws the path with its broken hop", 'class="hop bad"' in dump and 'class="cross"' in dump and "</svg>" in dump, dump)
    else:
        print("SKIP no chromium here")
    document = json.loads(diagnose("-o", "json").stdout)
    expect("a line a webhook", [(w["webhook"], w["state"], w["rootCause"]) for w in document["webhooks"]] == [("w.test.io", "unhealthy", "stale-configuration")], document)
    try:
        import jsonschema
        jsonschema.validate(document, json.loads((pathlib.Path(__file__).resolve().parent.parent.parent / "docs" / "report.schema.json").read_text()))
        expect("the document follows its schema", True)
    except ImportError:
        print("SKIP no jsonschema here")
    except jsonschema.ValidationError as wrong:
        expect("the document follows its schema", False, wrong)
    done = diagnose("--quiet")
    expect("quiet is a line a finding", done.stdout == "error w.test.io service-not-found stale-configuration\n", done.stdout)
    call("DELETE", item)
finally:
    server.terminate()
    server.wait(20)
sys.exit(1 if failures else 0)
