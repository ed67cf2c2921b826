"""A cluster to break and repair: `gatepost serve`, `gatepost backend` behind a Service, and hands that play the controllers.

    with Stage(gatepost) as stage: ...

Services need addresses beside loopback, so the script runs itself again inside ../conformance/in-netns.
"""
import base64, http.client, json, os, pathlib, shutil, ssl, subprocess, sys, tempfile, threading, time
from urllib.parse import urlsplit

import jsonschema
import yaml

HERE = pathlib.Path(__file__).resolve().parent
NETNS = HERE.parent / "conformance" / "in-netns"
ADDRESS = "10.96.4.21"  # local inside in-netns
PLURALS = {"Namespace": "namespaces", "Service": "services", "Pod": "pods", "Deployment": "deployments", "Secret": "secrets", "ConfigMap": "configmaps",
           "EndpointSlice": "endpointslices", "ValidatingWebhookConfiguration": "validatingwebhookconfigurations", "Lease": "leases",
           "MutatingWebhookConfiguration": "mutatingwebhookconfigurations", "PodDisruptionBudget": "poddisruptionbudgets", "Certificate": "certificates",
           "CustomResourceDefinition": "customresourcedefinitions", "ClusterRole": "clusterroles", "ClusterRoleBinding": "clusterrolebindings"}


def inside_netns():
    """Runs the script again where ADDRESS is local; ends with 0 where this machine allows no such place."""
    if os.environ.get("GATEPOST_IN_NETNS"):
        return
    if subprocess.run([NETNS, "true"], capture_output=True).returncode != 0:
        print("skipped: this machine refuses network namespaces")
        sys.exit(0)
    os.environ["GATEPOST_IN_NETNS"] = "1"
    os.execv(NETNS, [str(NETNS), sys.executable, *sys.argv])


def path_of(obj):
    group, ns = obj["apiVersion"], obj["metadata"].get("namespace")
    return ("/api/" if group == "v1" else "/apis/") + group + (f"/namespaces/{ns}" if ns else "") + "/" + PLURALS[obj["kind"]]


def item_of(obj):
    return path_of(obj) + "/" + obj["metadata"]["name"]


def hook(name="w.test.io", client=None, ns="sys", kind="Validating", annotations=None, labels=None, **extra):
    return {"apiVersion": "admissionregistration.k8s.io/v1", "kind": kind + "WebhookConfiguration",
            "metadata": {"name": name, "annotations": annotations or {}, "labels": labels or {}},
            "webhooks": [{"name": name, "admissionReviewVersions": ["v1"], "sideEffects": "None", "timeoutSeconds": 2,
                          "clientConfig": client or {"service": {"name": "hook", "namespace": ns}},
                          "rules": [{"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["configmaps"]}], **extra}]}


def service(ns="sys", **spec):
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "hook", "namespace": ns},
            "spec": {"selector": {"app": "hook"}, "ports": [{"port": 443, "targetPort": 9443}], **spec}}


def workload(ns="sys", volumes=(), name="hook", labels=None, ports=(), **spec):
    labels = labels or {"app": "hook"}
    pod = {"containers": [{"name": "c", "image": "i", "ports": list(ports)}], "volumes": list(volumes)}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name, "namespace": ns},
            "spec": {"replicas": 1, "selector": {"matchLabels": labels}, "template": {"metadata": {"labels": labels}, "spec": pod}, **spec}}


def pod(ns="sys", volumes=(), ports=(), labels=None):
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "hook-1", "namespace": ns, "labels": labels or {"app": "hook"}},
            "spec": {"containers": [{"name": "c", "image": "i", "ports": list(ports)}], "volumes": list(volumes)},
            "status": {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]}}


def endpoints(port, ns="sys", name="hook"):
    return {"apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "addressType": "IPv4",
            "metadata": {"name": name + "-1", "namespace": ns, "labels": {"kubernetes.io/service-name": name}},
            "ports": [{"port": port, "protocol": "TCP", "name": ""}], "endpoints": [{"addresses": [ADDRESS], "conditions": {"ready": True}}]}


def b64(data):
    return base64.b64encode(data if isinstance(data, bytes) else data.encode()).decode()


class Backend:
    """A webhook backend; `ca` is the PEM of the CA that signed its certificate."""

    def __init__(self, stage, fault="none", listen=ADDRESS + ":0", names=("hook.sys.svc",), path=None):
        self.ca_file = stage.dir / f"ca-{time.monotonic_ns()}"
        command = [stage.gatepost, "backend", "--listen", listen, "--fault", fault, "--ca-out", self.ca_file]
        for name in names:
            command += ["--name", name]
        if path:
            command += ["--path", path]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.url = self.process.stdout.readline().split()[1]
        self.port = urlsplit(self.url).port
        self.ca = self.ca_file.read_text()
        stage.backends.append(self)

    def stop(self):
        self.process.terminate()
        self.process.wait(20)


class Stage:
    def __init__(self, gatepost):
        self.gatepost, self.backends, self.made, self.failures = gatepost, [], [], []

    def __enter__(self):
        self.dir = pathlib.Path(tempfile.mkdtemp())
        self.kubeconfig, self.backups = self.dir / "kubeconfig", self.dir / "backups"
        self.server = subprocess.Popen([self.gatepost, "serve", "--listen", "127.0.0.1:0", "--data", ":memory:", "--kubeconfig-out", self.kubeconfig],
                                       stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.server.stdout.readline()
        self.config = yaml.safe_load(self.kubeconfig.read_text())
        cluster = self.config["clusters"][0]["cluster"]
        self.url = urlsplit(cluster["server"])
        self.trust = ssl.create_default_context(cadata=base64.b64decode(cluster["certificate-authority-data"]).decode())
        self.token = self.config["users"][0]["user"]["token"]
        return self

    def __exit__(self, *unused):
        for backend in self.backends:
            backend.process.kill()
        self.server.terminate()
        self.server.wait(20)
        shutil.rmtree(self.dir, ignore_errors=True)

    def expect(self, name, ok, seen=""):
        print(f"{'ok  ' if ok else 'FAIL'} {name} {'' if ok else str(seen)[-2500:]}", flush=True)
        if not ok:
            self.failures.append(name)

    def call(self, method, path, body=None, content="application/json"):
        connection = http.client.HTTPSConnection(self.url.hostname, self.url.port, context=self.trust, timeout=20)
        connection.request(method, path, None if body is None else json.dumps(body), {"Authorization": "Bearer " + self.token, "Content-Type": content})
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        return answer.status, json.loads(text) if text.startswith("{") else text

    def create(self, *objects):
        for obj in objects:
            obj = json.loads(json.dumps(obj))
            status = obj.pop("status", None)
            code, body = self.call("POST", path_of(obj), obj)
            assert code == 201, body
            self.made.append(item_of(obj))
            if status:
                code, body = self.call("PATCH", item_of(obj) + "/status", {"status": status}, "application/merge-patch+json")
                assert code == 200, body

    def get(self, obj):
        code, body = self.call("GET", item_of(obj))
        return body if code == 200 else None

    def patch(self, obj, patch, sub=""):
        code, body = self.call("PATCH", item_of(obj) + sub, patch, "application/merge-patch+json")
        assert code == 200, body
        return body

    def put(self, obj):
        code, body = self.call("PUT", item_of(obj), obj)
        assert code == 200, body

    def clear(self):
        for item in sorted(set(self.made), key=lambda p: ("webhookconfigurations" not in p, "namespaces/" not in p)):
            self.call("DELETE", item + "?gracePeriodSeconds=0")
        for backend in self.backends:
            backend.process.kill()
            backend.process.wait(20)
        self.made, self.backends = [], []

    def run(self, *arguments, kubeconfig=None, stdin=None):
        return subprocess.run([self.gatepost, *map(str, arguments), "--kubeconfig", str(kubeconfig or self.kubeconfig)], input=stdin,
                              capture_output=True, text=True, timeout=60)

    def fix(self, *arguments, **options):
        return self.run("fix", "--backup-dir", self.backups, "--wait", "1s", "--verify-for", "1s", *arguments, **options)

    def fix_json(self, *arguments, **options):
        done = self.fix("-o", "json", *arguments, **options)
        try:
            document = json.loads(done.stdout)
            jsonschema.validate(document, json.loads((HERE.parent.parent / "docs" / "report.schema.json").read_text()))
            return done.returncode, document
        except ValueError:
            return done.returncode, {"error": done.stderr + done.stdout}

    def admitted(self, ns="default"):
        code, body = self.call("POST", f"/api/v1/namespaces/{ns}/configmaps?dryRun=All", {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "probe"}})
        return code < 300 or body.get("message", body)


class Controller(threading.Thread):
    """Plays a part of the cluster: looks again and again, and acts once."""

    def __init__(self, act):
        super().__init__(daemon=True)
        self.act, self.over, self.acted = act, threading.Event(), False
        self.start()

    def run(self):
        while not self.over.is_set() and not self.acted:
            self.acted = bool(self.act())
            time.sleep(0.02)

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.over.set()
        self.join(10)


def steady(obj):
    """What of an object must be as before after an undo."""
    obj = json.loads(json.dumps(obj))
    for key in ("resourceVersion", "managedFields", "generation", "uid", "creationTimestamp"):
        obj["metadata"].pop(key, None)
    obj.pop("status", None)
    return obj
