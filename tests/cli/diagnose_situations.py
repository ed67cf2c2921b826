#!/usr/bin/env python3
"""Every root cause of `gatepost diagnose` with real backends behind real EndpointSlices: diagnose_situations.py GATEPOST [PATTERN]

Each situation is built on `gatepost serve`, diagnosed from the cluster alone and from the error that a user met, and taken
away again. Backends are those of tests/conformance/backend.py, in a network namespace of its own; without the right to make
one the test is skipped. What needs no network is in diagnose.py.
"""
import base64, copy, fnmatch, json, os, pathlib, queue, subprocess, sys, tempfile, threading

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "conformance"))
NETNS = HERE.parent / "conformance" / "in-netns"
if os.environ.get("GATEPOST_IN_NETNS") != "1":
    if subprocess.run([NETNS, "true"], capture_output=True).returncode:
        print("SKIP this machine refuses network namespaces")
        sys.exit(0)
    os.environ["GATEPOST_IN_NETNS"] = "1"
    os.execv(NETNS, [str(NETNS), sys.executable, *sys.argv])

from backend import PORTS, Backends  # noqa: E402
from conformance import Server, collection  # noqa: E402

GATEPOST, PATTERN = sys.argv[1], (sys.argv[2:] or ["*"])[0]
NS, IP = "conformance", "10.96.4.21"  # the backends' certificates are for names of that namespace
failures = []


def expect(name, ok, seen=""):
    print(f"{'ok  ' if ok else 'FAIL'} {name} {'' if ok else str(seen)[:2500]}", flush=True)
    if not ok:
        failures.append(name)


LABELS = {"app": "webhook"}
RUNNING = {"state": {"running": {"startedAt": "2026-11-01T00:00:00Z"}}, "ready": True, "restartCount": 0}


def meta(name, **more):
    return {"name": name, **more}


def service(port=443, target=9443, selector=LABELS, name="hook", **spec):
    return {"apiVersion": "v1", "kind": "Service", "metadata": meta(name), "spec": {"selector": selector, "ports": [{"port": port, "targetPort": target}], **spec}}


def template(port, secret=None, **spec):
    out = {"containers": [{"name": "webhook", "image": "example.com/webhook:1.0", **({"ports": [{"containerPort": port}]} if port else {})}], **spec}
    if secret:
        out["volumes"] = [{"name": "tls", "secret": {"secretName": secret}}]
    return out


def workload(port=9443, replicas=1, kind="Deployment", name="webhook", labels=LABELS, **more):
    return {"apiVersion": "apps/v1", "kind": kind, "metadata": meta(name),
            "spec": {"replicas": replicas, "selector": {"matchLabels": labels}, "template": {"metadata": {"labels": labels}, "spec": template(port, **more)}}}


def pod(port=9443, ready=True, name="webhook-1", containers=None, conditions=(), phase="Running", labels=LABELS, status=None, **more):
    c = [{"name": "webhook", "image": "example.com/webhook:1.0", "imageID": "", **(containers or RUNNING)}]
    ok = "True" if ready else "False"
    return {"apiVersion": "v1", "kind": "Pod", "metadata": meta(name, labels=labels), "spec": template(port, **more),
            "status": {"phase": phase, "containerStatuses": c, "podIP": IP, "podIPs": [{"ip": IP}],
                       "conditions": [{"type": "PodScheduled", "status": "True"}, {"type": "Ready", "status": ok}, *conditions], **(status or {})}}


def waiting(reason, message="", exit_code=None, why="Error", **more):
    last = {"lastState": {"terminated": {"exitCode": exit_code, "reason": why, "finishedAt": "2026-11-01T00:59:00Z"}}} if exit_code is not None else {}
    return {"state": {"waiting": {"reason": reason, "message": message}}, "ready": False, "restartCount": 9, **last, **more}


def slices(port=9443, ready=True, addresses=(IP,), service="hook"):
    return {"apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "addressType": "IPv4",
            "metadata": meta(service + "-1", labels={"kubernetes.io/service-name": service}),
            "endpoints": [{"addresses": [a], "conditions": {"ready": ready}} for a in addresses], "ports": [{"port": port, "protocol": "TCP"}]}


def event(kind, name, reason, message):
    return {"apiVersion": "v1", "kind": "Event", "metadata": meta(name + "." + reason.lower()), "involvedObject": {"kind": kind, "name": name, "namespace": NS},
            "reason": reason, "message": message, "type": "Warning", "count": 3, "firstTimestamp": "2026-11-01T00:00:00Z", "lastTimestamp": "2026-11-01T01:00:00Z"}


def hook(ca="{{ca}}", name="vpod.test.io", config="guard", path="/validate", client=None, kind="Validating", annotations=None, ns=NS, **more):
    client = client or {"service": {"name": "hook", "namespace": ns, "path": path}}
    if ca:
        client = {**client, "caBundle": ca}
    return {"apiVersion": "admissionregistration.k8s.io/v1", "kind": kind + "WebhookConfiguration", "metadata": meta(config, annotations=annotations or {}),
            "webhooks": [{"name": name, "admissionReviewVersions": ["v1"], "sideEffects": "None", "clientConfig": client,
                          "rules": [{"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["pods"]}],
                          "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": NS}}, **more}]}


def secret(crt, ca="{{ca}}", name="webhook-tls", annotations=None):
    key = crt.replace("crt_", "key_")
    return {"apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/tls", "metadata": meta(name, annotations=annotations or {}),
            "data": {"tls.crt": crt, "tls.key": key, **({"ca.crt": ca} if ca else {})}}


def running(backend, crt=None, secret_ca="{{ca}}", config=None, **more):
    """A webhook with a pod behind it: which backend answers, which certificate its Secret holds."""
    port = PORTS[backend]
    out = [service(target=port), workload(port, secret="webhook-tls" if crt else None), pod(port, secret="webhook-tls" if crt else None), slices(port)]
    if crt:
        out.append(secret("{{crt_" + crt + "}}", secret_ca))
    return out + [config or hook(**more)]


def dead(containers, events=(), conditions=(), phase="Running", status=None, **more):
    return [service(), workload(), pod(ready=False, containers=containers, conditions=conditions, phase=phase, status=status, **more), slices(ready=False), *events, hook()]


def managed(obj, manager):
    return (obj, manager)


DENY = {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": meta("deny"),
        "spec": {"podSelector": {"matchLabels": LABELS}, "policyTypes": ["Ingress"]}}
FROM = "cert-manager.io/inject-ca-from"
ISTIO = [{"name": "istio-proxy", "image": "istio/proxyv2:1.24"}, {"name": "webhook", "image": "w", "ports": [{"containerPort": PORTS["reset"]}]}]
IMAGE = waiting("ImagePullBackOff", 'Back-off pulling image "example.com/webhook:1.0"')

# name -> (root causes or causes that are right, objects, routes)
SITUATIONS = {
    "namespace-missing": (["namespace-missing"], [hook(ns="gone")]),
    "stale-configuration": (["stale-configuration"], [hook()]),
    "stale-configuration, its release is another": (["stale-configuration"], [hook(annotations={"meta.helm.sh/release-name": "x", "meta.helm.sh/release-namespace": NS})]),
    "service-port-missing": (["service-port-missing"], [service(port=8443), workload(), pod(), slices(), hook()]),
    "backend-scaled-to-zero": (["backend-scaled-to-zero"], [service(), workload(replicas=0), hook()]),
    "backend-scaled-to-zero, a stateful set, after it was healthy": (["backend-scaled-to-zero"], [service(), workload(replicas=0, kind="StatefulSet"), slices(addresses=()), hook()]),
    "backend-image-pull": (["backend-image-pull"], dead(IMAGE)),
    "backend-image-pull, ErrImagePull": (["backend-image-pull"], dead(waiting("ErrImagePull", "manifest unknown"), phase="Pending")),
    "backend-image-pull, an init container": (["backend-image-pull"], dead(waiting("PodInitializing"), phase="Pending", status={"initContainerStatuses": [{"name": "i", "image": "i", "imageID": "", **IMAGE}]},
                                                                        initContainers=[{"name": "i", "image": "i"}])),
    "backend-image-pull, by its event": (["backend-image-pull"], dead(waiting("ContainerCreating"), [event("Pod", "webhook-1", "Failed", 'Failed to pull image "x": not found')], phase="Pending")),
    "backend-oom-killed": (["backend-oom-killed"], dead(waiting("CrashLoopBackOff", exit_code=137, why="OOMKilled"))),
    "backend-oom-killed, just now": (["backend-oom-killed"], dead({"state": {"terminated": {"exitCode": 137, "reason": "OOMKilled"}}, "ready": False, "restartCount": 2})),
    "backend-crashloop": (["backend-crashloop"], dead(waiting("CrashLoopBackOff", exit_code=1))),
    "backend-crashloop, an init container": (["backend-crashloop"], dead(waiting("PodInitializing"), phase="Pending", status={"initContainerStatuses": [{"name": "i", "image": "i", "imageID": "", **waiting("CrashLoopBackOff", exit_code=1)}]},
                                                                      initContainers=[{"name": "i", "image": "i"}])),
    "backend-crashloop, ended": (["backend-crashloop"], dead({"state": {"terminated": {"exitCode": 2, "reason": "Error"}}, "ready": False, "restartCount": 1})),
    "backend-crashloop, still called ready": (["backend-crashloop"], [service(target=PORTS["closed"]), workload(PORTS["closed"]), pod(PORTS["closed"], containers=waiting("CrashLoopBackOff", exit_code=1)), slices(PORTS["closed"]), hook()]),
    "backend-unschedulable": (["backend-unschedulable"], [service(), workload(), {**pod(ready=False, phase="Pending"), "status": {"phase": "Pending", "conditions": [
        {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": "0/3 nodes are available: 3 Insufficient cpu."}]}}, hook()]),
    "backend-not-ready, a probe": (["backend-not-ready"], dead({**RUNNING, "ready": False}, [event("Pod", "webhook-1", "Unhealthy", "Readiness probe failed: HTTP probe failed with statuscode: 500")])),
    "backend-not-ready, a missing Secret": (["backend-not-ready"], dead(waiting("CreateContainerConfigError", 'secret "webhook-tls" not found'), phase="Pending")),
    "backend-not-ready, a volume": (["backend-not-ready"], dead(waiting("ContainerCreating"), [event("Pod", "webhook-1", "FailedMount", 'MountVolume.SetUp failed for volume "tls" : secret "webhook-tls" not found')], phase="Pending")),
    "backend-not-ready, evicted": (["backend-not-ready"], [service(), workload(), {**pod(ready=False), "status": {"phase": "Failed", "reason": "Evicted", "message": "The node was low on resource: memory."}}, hook()]),
    "selector-matches-nothing": (["selector-matches-nothing"], [service(selector={"app": "webhok"}), workload(), pod(), hook()]),
    "selector-matches-nothing, nothing at all": (["selector-matches-nothing"], [service(), hook()]),
    "self-deadlock": (["self-deadlock"], [service(), workload(), event("ReplicaSet", "webhook-6d4", "FailedCreate",
                      f'Error creating: Internal error occurred: failed calling webhook "vpod.test.io": failed to call webhook: Post "https://hook.{NS}.svc:443/validate?timeout=10s": no endpoints available for service "hook"'), hook()]),
    "self-deadlock, without its event": (["self-deadlock"], [service(), workload(), hook()]),
    "mutual-deadlock": (["mutual-deadlock"], [service(), workload(), service(name="second", selector={"app": "second"}), workload(name="second", labels={"app": "second"}),
                        hook(objectSelector={"matchExpressions": [{"key": "app", "operator": "NotIn", "values": ["webhook"]}]}),
                        hook(name="second.test.io", config="second", client={"service": {"name": "second", "namespace": NS, "path": "/validate"}},
                             objectSelector={"matchExpressions": [{"key": "app", "operator": "NotIn", "values": ["second"]}]})]),
    "target-port-mismatch": (["target-port-mismatch"], [service(target=PORTS["closed"]), workload(), pod(), slices(PORTS["closed"]), hook()]),
    "target-port-mismatch, a name that no container has": (["target-port-mismatch"], [service(target="https"), workload(), pod(), hook()]),
    "target-port-mismatch, a port of plain HTTP": (["target-port-mismatch"], [service(target=PORTS["plain"]), workload(), pod(), slices(PORTS["plain"]), hook()]),
    "container-not-listening": (["container-not-listening"], running("closed")),
    "container-not-listening, no port declared": (["container-not-listening"], [service(target=PORTS["closed"]), workload(None), pod(None), slices(PORTS["closed"]), hook()]),
    "network-policy-blocks": (["network-policy-blocks"], [*running("silent", timeoutSeconds=1), DENY]),
    "control-plane-blocked": (["control-plane-blocked"], running("silent", timeoutSeconds=1)),
    "slow-backend": (["slow-backend"], running("good", timeoutSeconds=3), {"/validate": {"delay": 5}}),
    "timeout-too-low": (["timeout-too-low", "slow-backend"], running("good", timeoutSeconds=1), {"/validate": {"delay": 2}}),
    "ca-bundle-missing": (["ca-bundle-missing"], running("good", ca="")),
    "ca-bundle-missing, with a Secret": (["ca-bundle-missing"], running("good", "good", ca="")),
    "ca-bundle-stale": (["ca-bundle-stale"], running("good", "good", ca="{{otherCA}}")),
    "ca-bundle-stale, without a Secret": (["ca-bundle-stale"], running("good", ca="{{otherCA}}")),
    "ca-bundle-stale, a key of the same name": (["ca-bundle-stale"], running("same-name-ca", "same-name-ca")),
    "ca-bundle-stale, self-signed": (["ca-bundle-stale"], running("self-signed", "self-signed")),
    "ca-injector-missing": (["ca-injector-missing"], running("good", ca="", annotations={FROM: NS + "/webhook-cert"})),
    "ca-injector-missing, an old bundle": (["ca-injector-missing"], running("good", "good", ca="{{otherCA}}", annotations={FROM: NS + "/webhook-cert"})),
    "ca-injector-missing, of OpenShift": (["ca-injector-missing"], running("good", ca="", annotations={"service.beta.openshift.io/inject-cabundle": "true"})),
    "ca-injector-missing, one that does not act": (["ca-injector-missing"], [
        *running("good", "good", ca="{{otherCA}}", annotations={"cert-manager.io/inject-ca-from-secret": NS + "/webhook-tls"})[:-2],
        secret("{{crt_good}}", annotations={"cert-manager.io/allow-direct-injection": "true"}), workload(name="cert-manager-cainjector", labels={"app": "cainjector"}),
        hook(ca="{{otherCA}}", annotations={"cert-manager.io/inject-ca-from-secret": NS + "/webhook-tls"})]),
    "ca-injector-misconfigured, no namespace": (["ca-injector-misconfigured"], running("good", "good", ca="{{otherCA}}", annotations={FROM: "webhook-cert"})),
    "ca-injector-misconfigured, a Secret that may not be read": (["ca-injector-misconfigured"], running("good", "good", ca="", annotations={"cert-manager.io/inject-ca-from-secret": NS + "/webhook-tls"})),
    "secret-renewed-backend-stale, expired": (["secret-renewed-backend-stale"], running("expired", "good")),
    "secret-renewed-backend-stale, another CA": (["secret-renewed-backend-stale"], running("other-ca", "good")),
    "secret-renewed-backend-stale, another name": (["secret-renewed-backend-stale"], running("wrong-name", "good")),
    "secret-renewed-backend-stale, a Secret of kube-webhook-certgen": (["secret-renewed-backend-stale"], [
        *running("other-ca", "good")[:-2], {"apiVersion": "v1", "kind": "Secret", "metadata": meta("webhook-tls"), "data": {"ca": "{{ca}}", "cert": "{{crt_good}}", "key": "{{key_good}}"}}, hook()]),
    "secret-renewed-backend-stale, a Secret that the Service names": (["secret-renewed-backend-stale"], [
        {**service(target=PORTS["other-ca"]), "metadata": meta("hook", annotations={"service.beta.openshift.io/serving-cert-secret-name": "webhook-tls"})},
        workload(PORTS["other-ca"]), pod(PORTS["other-ca"]), slices(PORTS["other-ca"]), secret("{{crt_good}}"), hook()]),
    "certificate-expired": (["certificate-expired"], running("expired", "expired")),
    "certificate-expired, without a Secret": (["certificate-expired"], running("expired")),
    "certificate-expired, not yet valid": (["cert-not-yet-valid", "cert-expired"], running("future", "future")),
    "certificate-lacks-service-name": (["certificate-lacks-service-name"], running("wrong-name", "wrong-name")),
    "certificate-lacks-service-name, common name only": (["certificate-lacks-service-name"], running("no-san", "no-san")),
    "certificate-lacks-service-name, an address": (["certificate-lacks-service-name"], running("ip-only")),
    "wrong-path": (["wrong-path"], running("good", path="/validate-v2")),
    "backend-not-tls": (["backend-not-tls"], running("plain")),
    "backend-not-tls, text": (["backend-not-tls"], running("bad-hello")),
    "proxy-in-between, its error page": (["proxy-in-between"], running("good"), {"/validate": {"status": 503, "raw": "upstream connect error or disconnect/reset before headers. reset reason: connection failure", "contentType": "text/plain", "headers": {"server": "envoy"}}}),
    "proxy-in-between, a sidecar that wants mutual TLS": (["proxy-in-between"], [service(target=PORTS["reset"]), workload(PORTS["reset"]), pod(PORTS["reset"], containers=None) | {"spec": {"containers": ISTIO}}, slices(PORTS["reset"]), hook()]),
    "two-writers": (["two-writers"], [*running("good", "good", ca="{{otherCA}}")[:-1], managed(hook(ca="{{otherCA}}"), "cainjector"), managed(hook(ca="{{otherCA}}"), "helm")]),
    "two-writers, a manifest that is applied again and again": (["two-writers"], running("good", "good", ca="{{otherCA}}", annotations={
        "kubectl.kubernetes.io/last-applied-configuration": json.dumps({"webhooks": [{"name": "vpod.test.io", "clientConfig": {"caBundle": "b2xk"}}]})})),
    "two-writers, annotations": (["two-writers"], running("good", "good", ca="{{otherCA}}", annotations={FROM: NS + "/webhook-cert", "service.beta.openshift.io/inject-cabundle": "true"})),
    "http-status": (["http-status"], running("good"), {"/validate": {"status": 500, "raw": "boom"}}),
    "bad-uid": (["bad-uid"], running("good"), {"/validate": {"response": {"uid": "other"}}}),
    "bad-response": (["bad-response"], running("good"), {"/validate": {"raw": "<html>"}}),
    "eof": (["eof"], running("eof")),
    "tls-version": (["tls-version", "tls-alert"], running("old-tls")),
    "tls-alert": (["tls-alert"], running("client-cert")),
    "key-usage": (["key-usage"], running("client-usage")),
    "one of two endpoints is dead": (["container-not-listening", "connection-refused"], running("good")[:3] + [slices(PORTS["good"], addresses=("10.96.4.22", IP)), hook()]),
    # Healthy ones: no finding of severity error.
    "healthy": ([], running("good", "good")),
    "healthy, it denies": ([], running("good"), {"/validate": {"response": {"allowed": False, "status": {"message": "no"}}}}),
    "healthy, several CAs": ([], running("good", "good", ca="{{bothCA}}")),
    "healthy, an intermediate": ([], running("intermediate")),
    "healthy, failing open": ([], running("good", failurePolicy="Ignore")),
    "healthy, it takes a second": ([], running("good", timeoutSeconds=5), {"/validate": {"delay": 1}}),
    "healthy, a policy that lets everybody in": ([], [*running("good"), {**DENY, "spec": {**DENY["spec"], "ingress": [{}]}}]),
    "healthy, one pod of two is down": ([], [*running("good"), pod(name="webhook-2", ready=False, containers=waiting("CrashLoopBackOff", exit_code=1))]),
    "healthy, endpoints by hand": ([], [service(selector=None), slices(), hook()]),
    "healthy, asked for nothing that a dry run could make": ([], running("good", rules=[{"apiGroups": ["test.io"], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["widgets"]}])),
    "healthy, a port of its own": ([], [service(port=8443), workload(), pod(), slices(), hook(client={"service": {"name": "hook", "namespace": NS, "port": 8443, "path": "/validate"}})]),
}
WORKERS = 4


def pems(b):
    out = {"ca": b.ca_bundle("ca"), "otherCA": b.ca_bundle("other"), "bothCA": b.ca_bundle("both")}
    for f in os.listdir(b.dir):
        text = open(os.path.join(b.dir, f)).read()
        at = text.index("-----BEGIN PRIVATE KEY")
        out["crt_" + f] = base64.b64encode(text[:at].encode()).decode()
        out["key_" + f] = base64.b64encode(text[at:].encode()).decode()
    return out


def fill(value, names, path):
    if isinstance(value, dict):
        return {k: fill(v, names, path) for k, v in value.items()}
    if isinstance(value, list):
        return [fill(v, names, path) for v in value]
    if isinstance(value, tuple):
        return tuple(fill(v, names, path) for v in value)
    if value == "/validate":
        return path
    return names[value[2:-2]] if isinstance(value, str) and value.startswith("{{") else value


class Worker:
    """A server of its own; the backends are shared, each worker's path on them is not."""

    def __init__(self, number, backends, names):
        self.work, self.backends, self.names, self.path = pathlib.Path(tempfile.mkdtemp()), backends, names, f"/validate{number}"
        self.server = subprocess.Popen([GATEPOST, "serve", "--listen", "127.0.0.1:0", "--data", ":memory:", "--kubeconfig-out", self.work / "k"],
                                       stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.server.stdout.readline()
        self.api = Server(str(self.work / "k"))
        self.api.call("POST", "/api/v1/namespaces", {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NS}})

    def create(self, obj):
        if isinstance(obj, tuple):
            obj, manager = obj
            item = collection(obj, NS) + "/" + obj["metadata"]["name"]
            code, body, _ = self.api.call("PATCH", item + f"?fieldManager={manager}&force=true", json.dumps(obj), {"Content-Type": "application/apply-patch+yaml"})
            assert code in (200, 201), (code, body)
            return item
        status = obj.pop("status", None)
        code, body, _ = self.api.call("POST", collection(obj, NS), obj)
        assert code == 201, (obj, code, body)
        item = collection(obj, NS) + "/" + obj["metadata"]["name"]
        if status is not None:
            code, body, _ = self.api.call("PATCH", item + "/status", json.dumps({"status": status}), {"Content-Type": "application/merge-patch+json"})
            assert code == 200, (code, body)
        return item

    def findings(self, *arguments, stdin=None):
        done = subprocess.run([GATEPOST, "diagnose", "--kubeconfig", self.work / "k", "-o", "json", *arguments], input=stdin, capture_output=True, text=True, timeout=60)
        try:
            return [f for f in json.loads(done.stdout)["findings"] if f["webhook"] == "vpod.test.io"]
        except ValueError:
            return [{"error": done.stderr}]

    def judge(self, name, want, found):
        seen = [(f.get("cause"), f.get("rootCause"), f.get("tail"), f.get("error"), [(e["check"], e.get("ok"), e["detail"]) for e in f.get("evidence", [])]) for f in found]
        if want:
            expect(name, any(f.get("cause") in want or f.get("rootCause") in want for f in found), seen)
        else:
            expect(name, not any(f.get("severity") == "error" or "error" in f for f in found), seen)

    def play(self, name, want, objects, routes):
        self.backends.routes[self.path] = routes.get("/validate", {})
        made = [self.create(o) for o in fill(copy.deepcopy(objects), self.names, self.path)]
        self.judge(name, want, self.findings())
        if want:
            probe = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "probe"}, "spec": {"containers": [{"name": "c", "image": "i"}]}}
            code, body, _ = self.api.call("POST", f"/api/v1/namespaces/{NS}/pods", probe)
            if code == 201:
                made.append(f"/api/v1/namespaces/{NS}/pods/probe")
            else:
                self.judge(name + ", by its error", want, self.findings("--error", "-", stdin="Error from server (InternalError): " + body.get("message", "") + "\n"))
        for item in sorted(set(made), key=lambda p: "webhookconfigurations" not in p):
            self.api.call("DELETE", item + "?gracePeriodSeconds=0")

    def work_through(self, todo):
        try:
            while True:
                name, (want, objects, *routes) = todo.get_nowait()
                self.play(name, want, objects, routes[0] if routes else {})
        except queue.Empty:
            pass
        except Exception as broken:
            expect(f"the worker on {self.path}", False, repr(broken))
        finally:
            self.server.terminate()
            self.server.wait(20)


backends = Backends([IP])
names, todo = pems(backends), queue.Queue()
for name, situation in SITUATIONS.items():
    if fnmatch.fnmatch(name, PATTERN):
        todo.put((name, situation))
workers = [Worker(i, backends, names) for i in range(WORKERS)]
threads = [threading.Thread(target=w.work_through, args=(todo,)) for w in workers]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
sys.exit(1 if failures else 0)
