#!/usr/bin/env python3
"""`gatepost lint --cluster` against the embedded server: lint_cluster.py GATEPOST"""
import base64, http.client, json, pathlib, ssl, subprocess, sys, tempfile

import yaml

GATEPOST = str(pathlib.Path(sys.argv[1]).resolve())
work = pathlib.Path(tempfile.mkdtemp())
kubeconfig = work / "kubeconfig"
CONFIGURATION = {
    "apiVersion": "admissionregistration.k8s.io/v1",
    "kind": "ValidatingWebhookConfiguration",
    "metadata": {"name": "gate"},
    "webhooks": [{
        "name": "gate.example.com", "admissionReviewVersions": ["v1"], "sideEffects": "None", "timeoutSeconds": 30,
        "failurePolicy": "Ignore", "clientConfig": {"service": {"namespace": "gone", "name": "gate"}},
        "rules": [{"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["pods"]}]}]}
failures = 0


def lint():
    return subprocess.run([GATEPOST, "lint", "--cluster", "--kubeconfig", kubeconfig, "-o", "json"], capture_output=True,
                          text=True, timeout=60, cwd=work)


server = subprocess.Popen([GATEPOST, "serve", "--listen", "127.0.0.1:0", "--data", ":memory:", "--kubeconfig-out", kubeconfig],
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
try:
    server.stdout.readline()
    config = yaml.safe_load(kubeconfig.read_text())
    cluster, user = config["clusters"][0]["cluster"], config["users"][0]["user"]
    trust = ssl.create_default_context(cadata=base64.b64decode(cluster["certificate-authority-data"]).decode())
    if "client-certificate-data" in user:
        for name in ("client-certificate-data", "client-key-data"):
            (work / name).write_bytes(base64.b64decode(user[name]))
        trust.load_cert_chain(work / "client-certificate-data", work / "client-key-data")
    headers = {"Content-Type": "application/json"}
    if "token" in user:
        headers["Authorization"] = "Bearer " + user["token"]
    connection = http.client.HTTPSConnection(cluster["server"].removeprefix("https://"), context=trust)
    connection.request("POST", "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations",
                       json.dumps(CONFIGURATION), headers)
    created = connection.getresponse().status
    done = lint()
    findings = json.loads(done.stdout)["findings"] if done.stdout else []
    rules = {f["rule"] for f in findings}
    ok = created == 201 and done.returncode == 1 and {"GP202", "GP501", "GP502", "GP401"} <= rules and all(
        f["file"].startswith("https://") and f["path"] and "line" not in f for f in findings)
    print(f"{'ok  ' if ok else 'FAIL'} a cluster", "" if ok else f"{created} {done.returncode} {sorted(rules)} {done.stderr[:500]}")
    failures += not ok
finally:
    server.terminate()
    server.wait()
done = lint()
ok = done.returncode == 3
print(f"{'ok  ' if ok else 'FAIL'} a cluster that is gone is 3", "" if ok else done.stderr)
sys.exit(1 if failures or not ok else 0)
