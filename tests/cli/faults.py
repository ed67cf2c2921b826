#!/usr/bin/env python3
"""Every fault of `gatepost backend` gives the error that a real API server was recorded to give: faults.py GATEPOST

The words are those of tests/conformance/golden where a scenario there has the same fault (named beside it); `gatepost
explain` must read the right cause from each.
"""
import base64, http.client, json, pathlib, re, ssl, subprocess, sys, tempfile
from urllib.parse import urlsplit

import yaml

GATEPOST = sys.argv[1]
GOLDEN = pathlib.Path(__file__).resolve().parent.parent / "conformance" / "golden"
# fault -> recorded scenario, cause
FAULTS = {
    "refused": ("tails/validating-closed", "connection-refused"),
    "silent": ("tails/silent-handshake", "deadline-exceeded"),
    "reset": ("tails/validating-reset", "connection-reset"),
    "eof": ("tails/validating-eof", "eof"),
    "not-tls": ("tails/validating-plain", "not-tls"),
    "not-http": ("tails/validating-bad-hello", "not-tls"),
    "old-tls": ("tails/validating-old-tls", "tls-version"),
    "client-certificate": ("tails/validating-client-cert", "tls-alert"),
    "expired": ("tails/validating-expired", "cert-expired"),
    "not-yet-valid": ("tails/validating-future", "cert-not-yet-valid"),
    "unknown-authority": ("tails/validating-other-ca", "unknown-authority"),
    "same-name-authority": ("tails/validating-same-name-ca", "unknown-authority"),
    "missing-chain": ("tails/validating-missing-chain", "unknown-authority"),
    "self-signed": ("tails/validating-self-signed", "unknown-authority"),
    "wrong-name": ("tails/validating-wrong-name", "no-san"),
    "no-san": ("tails/validating-no-san", "no-san"),
    "key-usage": ("tails/validating-client-usage", "key-usage"),
    "slow=30s": ("tails/slow", "deadline-exceeded"),
    "slow-body=30s": ("tails/slow-body", "deadline-exceeded"),
    "closed": ("tails/closed-after-request", "eof"),
    "garbage": ("tails/validating-garbage", "bad-response"),
    "truncated": ("tails/truncated-body", "eof"),
    "http-404": ("tails/http-404", "not-found-path"),
    "http-405": ("tails/http-405", "http-status"),
    "http-503": ("tails/http-503", "http-status"),
    "empty": ("responses/malformed-empty-body", "bad-response"),
    "not-json": ("responses/malformed-not-json", "bad-response"),
    "wrong-version": ("responses/malformed-wrong-version", "wrong-review-version"),
    "no-response": ("responses/malformed-no-response", "bad-response"),
    "bad-patch": ("mutation/patch-not-array", "bad-response"),
}
# Faults whose recorded words quote what the backend said, which is another text here.
WORDS = {
    "none": (None, None),
    "deny=no pods today": ('admission webhook "backend.gatepost.dev" denied the request: no pods today', "denied"),
    "http-500": ('an error on the server ("internal error") has prevented the request from succeeding', "http-status"),
    "wrong-uid": ('expected response.uid="UID", got "another"', "bad-uid"),
}
failures = []


def expect(name, ok, seen=""):
    print(f"{'ok  ' if ok else 'FAIL'} {name} {'' if ok else seen}")
    if not ok:
        failures.append(name)


def recorded(scenario):
    """The message of the first Status of a scenario, without what differs from run to run."""
    steps = json.loads((GOLDEN / (scenario.split("/")[0] + ".json")).read_text())[scenario]["steps"]
    return plain(next(s["body"]["message"] for s in steps if s.get("code", 0) >= 400))


def plain(message):
    message = re.sub(r"https://127\.0\.0\.1:\d+/\w*\?timeout=\d+s", "URL", message)
    message = re.sub(r"127\.0\.0\.1:(\d+|EPHEMERAL)", "ADDRESS", message)
    message = re.sub(r"current time \S+ is", "current time NOW is", message)
    message = re.sub(r'\b(read|write|IO) tcp ADDRESS->ADDRESS: (read|write|IO):', "IO:", message)
    message = re.sub(r'uid="[-0-9a-f]{36}"', 'uid="UID"', message)
    return re.sub(r'"(check\.conformance\.io|backend\.gatepost\.dev|conformance-ca|gatepost-backend-ca)"', '"NAME"', message)


work = pathlib.Path(tempfile.mkdtemp())
server = subprocess.Popen([GATEPOST, "serve", "--listen", "127.0.0.1:0", "--data", ":memory:", "--kubeconfig-out", work / "k"],
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
try:
    server.stdout.readline()
    config = yaml.safe_load((work / "k").read_text())
    url = urlsplit(config["clusters"][0]["cluster"]["server"])
    trust = ssl.create_default_context(
        cadata=base64.b64decode(config["clusters"][0]["cluster"]["certificate-authority-data"]).decode())
    token = config["users"][0]["user"]["token"]

    def call(method, path, body=None):
        connection = http.client.HTTPSConnection(url.hostname, url.port, context=trust, timeout=20)
        connection.request(method, path, body, {"Authorization": "Bearer " + token, "Content-Type": "application/json"})
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read().decode())

    def message_of(fault):
        """What creating an object says while a backend with this fault is registered."""
        backend = subprocess.Popen([GATEPOST, "backend", "--fault", fault, "--webhook-out", work / "w.yaml"],
                                   stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        try:
            ready = backend.stdout.readline()
            expect(f"{fault}: says where it is", ready.startswith("ready https://127.0.0.1:"), ready)
            hook = yaml.safe_load((work / "w.yaml").read_text())
            if fault in ("silent", "slow=30s", "slow-body=30s"):
                hook["webhooks"][0]["timeoutSeconds"] = 1
            path = "/apis/admissionregistration.k8s.io/v1/" + hook["kind"].lower() + "s"
            status, body = call("POST", path, json.dumps(hook))
            assert status == 201, body
            status, body = call("POST", "/api/v1/namespaces/default/configmaps?dryRun=All", json.dumps({"metadata": {"name": "probe"}}))
            call("DELETE", path + "/gatepost-backend")
            return status, body.get("message", "")
        finally:
            backend.terminate()
            backend.wait(20)

    def cause_of(message):
        done = subprocess.run([GATEPOST, "explain", "-", "-o", "json"], input=message, capture_output=True, text=True)
        findings = json.loads(done.stdout)["findings"]
        return findings[0]["cause"] if findings else None

    for fault, (scenario, cause) in FAULTS.items():
        _, message = message_of(fault)
        expect(f"{fault}: the recorded words", plain(message) == recorded(scenario), f"\n     {plain(message)}\n     {recorded(scenario)}")
        expect(f"{fault}: {cause}", cause_of(message) == cause, cause_of(message))
    for fault, (words, cause) in WORDS.items():
        status, message = message_of(fault)
        expect(f"{fault}: {words}", status == 201 if words is None else plain(words) in plain(message), (status, message))
        expect(f"{fault}: {cause}", cause_of(message) == cause, cause_of(message))

    listed = subprocess.run([GATEPOST, "backend", "--fault", "list"], capture_output=True, text=True).stdout.split("\n")
    tried = {f.split("=")[0] for f in (*FAULTS, *WORDS)}
    expect("every fault is tried here", {line.split()[0] for line in listed if line} <= tried, set(l.split()[0] for l in listed if l) - tried)
    done = subprocess.run([GATEPOST, "backend", "--fault", "flood"], capture_output=True, text=True)
    expect("an unknown fault is one line and exit 2", done.returncode == 2 and done.stderr.count("\n") == 1, done.stderr)
finally:
    server.terminate()
    server.wait(20)
sys.exit(1 if failures else 0)
