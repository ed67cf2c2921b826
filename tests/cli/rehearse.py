#!/usr/bin/env python3
"""gatepost rehearse gives each webhook its verdict, from manifests and from a snapshot: rehearse.py GATEPOST"""
import json, os, pathlib, signal, subprocess, sys, tempfile, time

GATEPOST = sys.argv[1]
failures = []


def expect(name, ok, seen=""):
    print(f"{'ok  ' if ok else 'FAIL'} {name} {'' if ok else seen}")
    if not ok:
        failures.append(name)


def run(*arguments, text=None, env=None):
    return subprocess.run([GATEPOST, *arguments], input=text, capture_output=True, text=True, timeout=60, env=env)


def backend(name, ns):
    labels = {"app": name}
    return [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": ns}},
        {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name, "namespace": ns},
         "spec": {"selector": labels, "ports": [{"port": 443, "targetPort": 8443}]}},
        {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name, "namespace": ns},
         "spec": {"replicas": 2, "selector": {"matchLabels": labels},
                  "template": {"metadata": {"labels": labels},
                               "spec": {"containers": [{"name": "c", "image": "guard:1",
                                                        "env": [{"name": "P", "value": "hush-hush"}]}]}}}},
    ]


def webhook(name, ns, **more):
    return {"apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingWebhookConfiguration",
            "metadata": {"name": name},
            "webhooks": [{"name": name + ".example.com", "sideEffects": "None", "admissionReviewVersions": ["v1"],
                          "clientConfig": {"service": {"name": name, "namespace": ns}},
                          "rules": [{"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"],
                                     "resources": ["pods"]}], **more}]}


def verdicts(document, name):
    return {f["scenario"]: f["verdict"] for f in document["findings"] if f["webhook"] == name + ".example.com"}


OWN = {"matchExpressions": [{"key": "kubernetes.io/metadata.name", "operator": "NotIn", "values": ["ns-aside"]}]}
OBJECTS = (backend("own", "ns-own") + backend("aside", "ns-aside") + backend("open", "ns-open") +
           [webhook("own", "ns-own"), webhook("aside", "ns-aside", namespaceSelector=OWN),
            webhook("open", "ns-open", failurePolicy="Ignore")])
ALWAYS = {"outage-of-all-replicas", "whole-cluster-restart"}

with tempfile.TemporaryDirectory() as folder:
    manifests = pathlib.Path(folder, "all.json")
    manifests.write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": OBJECTS}))
    done = run("rehearse", str(manifests), "-o", "json")
    document = json.loads(done.stdout)
    expect("schema and command", (document["schema"], document["command"]) == ("gatepost.dev/v1", "rehearse"))
    own, aside, open_ = (verdicts(document, n) for n in ("own", "aside", "open"))
    expect("both scenarios are always there", all(ALWAYS <= set(v) for v in (own, aside, open_)), own)
    expect("a webhook of its own pods is wedged", own["outage-of-all-replicas"] == "wedged", own)
    expect("one set aside recovers", aside["outage-of-all-replicas"] == "recovers", aside)
    expect("one that ignores is degraded", open_["outage-of-all-replicas"] == "degraded", open_)
    expect("a wedge is an error with a fix", all(
        f["severity"] == "error" and "kubectl patch" in f["fix"]["command"]
        for f in document["findings"] if f["verdict"] == "wedged" and f["scenario"] == "outage-of-all-replicas"))
    expect("exit code 1", done.returncode == 1, done.returncode)
    again = run("rehearse", str(manifests), "-o", "json")
    expect("the same run again", again.stdout == done.stdout)

    fine = json.dumps({"apiVersion": "v1", "kind": "List",
                       "items": backend("aside", "ns-aside") + [webhook("aside", "ns-aside", namespaceSelector=OWN)]})
    expect("no wedge, exit code 0", run("rehearse", "-", "--fail-on", "wedged", text=fine).returncode == 0)
    expect("a wedge fails --fail-on wedged", run("rehearse", str(manifests), "--fail-on", "wedged").returncode == 1)
    page = run("rehearse", str(manifests), "-o", "html").stdout
    expect("a page with the graph and its cycle", "<svg" in page and 'class="cycle"' in page)
    junit = run("rehearse", str(manifests), "-o", "junit").stdout
    expect("JUnit", junit.startswith("<?xml") and '<failure type="wedged"' in junit)
    matrix = run("rehearse", str(manifests)).stdout
    expect("a matrix", "WEDGED" in matrix and "degraded" in matrix and "ns-own" in matrix)

    for name, text, words in (("nothing to rehearse", "kind: Namespace\napiVersion: v1\nmetadata: {name: a}\n",
                               "no webhook configuration"),
                              ("no YAML", "a: [\n", "yaml"),
                              ("an unknown snapshot", '{"schema":"gatepost.dev/snapshot/v7"}', "not known")):
        refused = run("rehearse", "-", text=text)
        expect(name + " is refused in one line", refused.returncode == 2 and words in refused.stderr and
               refused.stderr.count("\n") == 1, refused.stderr)

    # From a cluster: a server with a simulated one, a snapshot of it, a rehearsal of that.
    kubeconfig = folder + "/kubeconfig"
    server = subprocess.Popen([GATEPOST, "serve", "--simulate", "--listen", "127.0.0.1:0", "--data", ":memory:",
                               "--kubeconfig-out", kubeconfig], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                              text=True)
    try:
        server.stdout.readline()
        env = {**os.environ, "KUBECONFIG": kubeconfig}
        applied = subprocess.run(["kubectl", "apply", "--validate=false", "-f", str(manifests)], env=env,
                                 capture_output=True, text=True, timeout=60)
        expect("kubectl apply", applied.returncode == 0, applied.stderr)
        for mask in ([], ["--mask"]):
            file = folder + "/snapshot.json"
            taken = run("snapshot", "-o", file, *mask, env=env)
            text = pathlib.Path(file).read_text()
            expect(f"snapshot {mask}", taken.returncode == 0 and "hush-hush" not in text, taken.stderr)
            played = json.loads(run("rehearse", "--snapshot", file, "-o", "json").stdout)
            found = sorted(f["verdict"] for f in played["findings"] if f["scenario"] == "outage-of-all-replicas")
            expect(f"rehearsed from it {mask}", found == ["degraded", "recovers", "wedged"], found)
            if mask:
                expect("names are masked", "ns-own" not in text and "guard:1" not in text)
            half = folder + "/half.json"
            pathlib.Path(half).write_text(text[: len(text) // 2])
            refused = run("rehearse", "--snapshot", half)
            expect("half a snapshot is refused", refused.returncode == 2 and "not whole" in refused.stderr,
                   refused.stderr)
    finally:
        server.send_signal(signal.SIGTERM)
        expect("the server ends with 0", server.wait(20) == 0)

sys.exit(1 if failures else 0)
