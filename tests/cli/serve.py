#!/usr/bin/env python3
"""What `gatepost serve` does with requests that unit tests cannot make: serve.py GATEPOST"""
import base64, http.client, json, pathlib, ssl, subprocess, sys, tempfile
from urllib.parse import urlsplit

import yaml

failures = []


def expect(name, ok, seen=""):
    print(f"{'ok  ' if ok else 'FAIL'} {name} {'' if ok else seen}")
    if not ok:
        failures.append(name)


work = pathlib.Path(tempfile.mkdtemp())
server = subprocess.Popen([sys.argv[1], "serve", "--listen", "127.0.0.1:0", "--data", ":memory:", "--kubeconfig-out", work / "k"],
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
try:
    server.stdout.readline()
    config = yaml.safe_load((work / "k").read_text())
    url = urlsplit(config["clusters"][0]["cluster"]["server"])
    trust = ssl.create_default_context(
        cadata=base64.b64decode(config["clusters"][0]["cluster"]["certificate-authority-data"]).decode())
    token = config["users"][0]["user"]["token"]

    def call(method, path, body=None, **headers):
        connection = http.client.HTTPSConnection(url.hostname, url.port, context=trust, timeout=20)
        connection.request(method, path, body, {"Authorization": "Bearer " + token, "Content-Type": "application/json",
                                                **{k.replace("_", "-"): v for k, v in headers.items()}})
        answer = connection.getresponse()
        text = answer.read().decode()
        return answer.status, json.loads(text) if text else None, answer.headers.get_all("Warning") or []

    maps = "/api/v1/namespaces/default/configmaps"
    # Acting as somebody else is asked for by each of these headers; without a user it is refused, not ignored.
    for header in ("Impersonate-Group", "Impersonate-Uid", "Impersonate-Extra-scope"):
        status, body, _ = call("GET", maps, **{header: "x"})
        expect(f"{header} without a user is refused", status == 400, (status, body))
    status, body, _ = call("GET", maps, Impersonate_User="jane")
    expect("impersonated users have their own rights", status == 403, (status, body))

    # The Service of the server itself is reached at the address that was really bound.
    hook = {"apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingWebhookConfiguration", "metadata": {"name": "own"},
            "webhooks": [{"name": "own.test.io", "admissionReviewVersions": ["v1"], "sideEffects": "None",
                          "rules": [{"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["configmaps"]}],
                          "clientConfig": {"service": {"namespace": "default", "name": "kubernetes"}}}]}
    call("POST", "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations", json.dumps(hook))
    status, body, _ = call("POST", maps, json.dumps({"metadata": {"name": "a"}}))
    expect("default/kubernetes is this server", "certificate signed by unknown authority" in body.get("message", ""), (status, body))
    call("DELETE", "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/own")

    status, body, _ = call("POST", maps, "metadata:\n  name: from-yaml\ndata:\n  a: b\n", Content_Type="application/yaml")
    expect("YAML bodies are read", status == 201 and body["data"] == {"a": "b"}, (status, body))
    twice = '{"metadata":{"name":"twice"},"data":{"a":"1","a":"2"}}'
    status, body, warnings = call("POST", maps, twice)
    expect("a field that comes twice is warned about", warnings == ['299 - "duplicate field \\"data.a\\""'], (status, warnings))
    status, body, _ = call("POST", maps + "?fieldValidation=Strict", twice)
    expect("a field that comes twice is refused when strict", status == 400 and "duplicate field" in body["message"], (status, body))

    # Connections to a pod: what the node would answer, and admission before it.
    pods = "/api/v1/namespaces/default/pods"
    container = lambda name: {"name": name, "image": "i"}
    call("POST", pods, json.dumps({"metadata": {"name": "one"}, "spec": {"containers": [container("c")]}}))
    call("POST", pods, json.dumps({"metadata": {"name": "two"}, "spec": {"containers": [container("a"), container("b")], "initContainers": [container("i")]}}))
    call("POST", pods, json.dumps({"metadata": {"name": "placed"}, "spec": {"nodeName": "gone", "containers": [container("c")]}}))
    status, body, _ = call("GET", pods + "/one/log")
    expect("a pod without a node has an empty log", (status, body) == (204, None), (status, body))
    for path, code, message in [
            ("/none/log", 404, 'pods "none" not found'),
            ("/one/log?container=x", 400, "container x is not valid for pod one"),
            ("/two/log", 400, "a container name must be specified for pod two, choose one of: [a b] or one of the init containers: [i]"),
            ("/placed/log", 404, 'nodes "gone" not found'),
            ("/one/exec?command=true", 400, "pod one does not have a host assigned"),
            ("/one/portforward", 400, "pod one does not have a host assigned")]:
        status, body, _ = call("GET", pods + path)
        expect(f"GET pods{path}", (status, body["message"]) == (code, message), (status, body))
    hook["webhooks"][0]["rules"] = [{"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CONNECT"], "resources": ["pods/exec", "services/proxy"]}]
    hook["webhooks"][0]["clientConfig"] = {"url": "https://127.0.0.1:1/"}
    hook["webhooks"][0]["matchConditions"] = [{"name": "says-ls", "expression": "request.kind.kind == 'ServiceProxyOptions' ? object.path == '/x/y' : object.command == ['ls', '-l'] && object.stdout && !has(object.tty)"}]
    call("POST", "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations", json.dumps(hook))
    for path, asked in [(pods + "/one/exec?command=ls&command=-l", True), (pods + "/one/exec?command=ls&command=-l&tty=1", False),
                        (pods + "/one/attach", False), ("/api/v1/namespaces/default/services/s/proxy/x/y", True)]:
        status, body, _ = call("POST", path)
        expect(f"CONNECT {path} {'is' if asked else 'is not'} sent to the webhook", ("failed calling webhook" in body["message"]) == asked, body)

    connection = http.client.HTTPSConnection(url.hostname, url.port, context=trust, timeout=20)
    connection.request("GET", maps + "/from-yaml", headers={"Authorization": "Bearer " + token, "Accept": "application/yaml"})
    answer = connection.getresponse()
    expect("YAML is answered to who asks for it", answer.headers["Content-Type"] == "application/yaml" and answer.read().decode().startswith("apiVersion: v1\ndata:\n  a: b\nkind: ConfigMap\n"))

    _, _, warnings = call("GET", "/api/v1/endpoints")
    expect("Endpoints are deprecated", warnings == ['299 - "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice"'], warnings)
finally:
    server.terminate()
    expect("ends with 0 on SIGTERM", server.wait(20) == 0)
sys.exit(1 if failures else 0)
