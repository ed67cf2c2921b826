#!/usr/bin/env python3
"""`gatepost serve --apply` and `--from-webhooks`: serve_apply.py GATEPOST"""
import base64, http.client, http.server, json, pathlib, ssl, subprocess, sys, tempfile, threading
from urllib.parse import urlsplit

import yaml

failures = []


def expect(name, ok, seen=""):
    print(f"{'ok  ' if ok else 'FAIL'} {name} {'' if ok else seen}")
    if not ok:
        failures.append(name)


work = pathlib.Path(tempfile.mkdtemp())
(work / "m").mkdir()
(work / "m/objects.yaml").write_text("""\
apiVersion: example.com/v1
kind: Gadget
metadata: {name: first, namespace: team}
spec: {size: 3}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: settings, namespace: team}
---
apiVersion: v1
kind: Namespace
metadata: {name: team}
""")
(work / "m/crd.yaml").write_text("""\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: gadgets.example.com}
spec:
  group: example.com
  scope: Namespaced
  names: {plural: gadgets, singular: gadget, kind: Gadget, listKind: GadgetList}
  versions:
  - name: v1
    served: true
    storage: true
    schema: {openAPIV3Schema: {type: object, properties: {spec: {type: object, properties: {size: {type: integer}}}}}}
""")
(work / "hooks").mkdir()
(work / "hooks/manifests.yaml").write_text("""\
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata: {name: gate}
webhooks:
- name: gate.example.com
  admissionReviewVersions: [v1]
  sideEffects: None
  clientConfig: {service: {name: webhook-service, namespace: system, path: /validate}}
  rules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [configmaps]}]
""")
(work / "hooks/service.yaml").write_text("apiVersion: v1\nkind: Service\nmetadata: {name: webhook-service, namespace: system}\n")
(work / "hooks/kustomization.yaml").write_text("resources: [manifests.yaml]\napiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n")

server = subprocess.Popen([sys.argv[1], "serve", "--listen", "127.0.0.1:0", "--data", ":memory:", "--kubeconfig-out", work / "k",
                           "--apply", work / "m/objects.yaml", work / "m/crd.yaml", "--from-webhooks", work / "hooks", "--webhook-address", "127.0.0.1:0"],
                          stdout=subprocess.PIPE, text=True)
try:
    ready = server.stdout.readline()
    expect("the first line is as ever", ready.startswith("ready https://127.0.0.1:") and ready.endswith(f" kubeconfig {work / 'k'}\n"), ready)
    _, webhook_url, _, certificates = server.stdout.readline().split()
    config = yaml.safe_load((work / "k").read_text())
    url = urlsplit(config["clusters"][0]["cluster"]["server"])
    trust = ssl.create_default_context(
        cadata=base64.b64decode(config["clusters"][0]["cluster"]["certificate-authority-data"]).decode())

    def call(method, path, body=None):
        connection = http.client.HTTPSConnection(url.hostname, url.port, context=trust, timeout=20)
        connection.request(method, path, body and json.dumps(body), {"Authorization": "Bearer " + config["users"][0]["user"]["token"],
                                                                     "Content-Type": "application/json"})
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())

    status, body = call("GET", "/apis/example.com/v1/namespaces/team/gadgets/first")
    expect("custom resources are there with their definition", (status, body.get("spec")) == (200, {"size": 3}), body)
    expect("and owned by the loader", [m["manager"] for m in body["metadata"]["managedFields"]] == ["gatepost"], body)

    class Hook(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            review = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            seen.append(self.path)
            answer = json.dumps({"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview",
                                 "response": {"uid": review["request"]["uid"], "allowed": False, "status": {"message": "the gate is shut"}}}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_):
            pass

    seen = []
    hook = http.server.HTTPServer((urlsplit(webhook_url).hostname, urlsplit(webhook_url).port), Hook)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(f"{certificates}/tls.crt", f"{certificates}/tls.key")
    hook.socket = tls.wrap_socket(hook.socket, server_side=True)
    threading.Thread(target=hook.serve_forever, daemon=True).start()
    status, body = call("POST", "/api/v1/namespaces/team/configmaps", {"metadata": {"name": "a"}})
    expect("a webhook beside the server is called with the certificate made for it", status == 400 and "the gate is shut" in body["message"], body)
    expect("by its path", seen == ["/validate?timeout=10s"], seen)
    status, body = call("GET", "/api/v1/namespaces/system")
    expect("what is not about webhooks is left out there", status == 404, body)
finally:
    server.terminate()
    expect("SIGTERM ends it with exit 0", server.wait(10) == 0)


def refused(name, text, expected):
    (work / "bad.yaml").write_text(text)
    done = subprocess.run([sys.argv[1], "serve", "--listen", "127.0.0.1:0", "--data", ":memory:", "--kubeconfig-out", work / "k2", "--apply", work / "bad.yaml"],
                          capture_output=True, text=True, timeout=20)
    expect(name, done.returncode == 2 and done.stderr == f"gatepost serve: {work}/bad.yaml{expected}\n" and done.stdout == "", done)


refused("a namespace that is missing", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: gone}\n",
        ':1: ConfigMap gone/a: namespaces "gone" not found')
refused("a kind that is not served", "---\napiVersion: example.com/v1\nkind: Gadget\nmetadata: {name: a}\n",
        ':2: Gadget a: no matches for kind "Gadget" in version "example.com/v1"')
refused("a document that is none", "a: [\n", ":2: yaml: line 1: did not find expected node content")

sys.exit(1 if failures else 0)
