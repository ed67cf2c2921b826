#!/usr/bin/env python3
"""gatepost serve --simulate behaves as a cluster: workloads get pods, readiness decides `no endpoints`, refused pods are
told in the real events: simulate.py GATEPOST"""
import json, os, signal, subprocess, sys, tempfile, time

GATEPOST = sys.argv[1]
failures = []


def expect(name, ok, seen=""):
    print(f"{'ok  ' if ok else 'FAIL'} {name} {'' if ok else seen}")
    if not ok:
        failures.append(name)


def until(look, seconds=12):
    end = time.time() + seconds
    while True:
        seen = look()
        if seen or time.time() > end:
            return seen
        time.sleep(0.2)


with tempfile.TemporaryDirectory() as folder:
    kubeconfig = folder + "/kubeconfig"
    server = subprocess.Popen([GATEPOST, "serve", "--simulate", "--listen", "127.0.0.1:0", "--data", ":memory:",
                               "--kubeconfig-out", kubeconfig], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                              text=True)
    env = {**os.environ, "KUBECONFIG": kubeconfig}

    def kubectl(*arguments, text=None):
        return subprocess.run(["kubectl", "--request-timeout=20s", *arguments], input=text, env=env,
                              capture_output=True, text=True, timeout=60)

    def get(*arguments):
        return json.loads(kubectl("get", *arguments, "-o", "json").stdout or "{}")

    try:
        server.stdout.readline()
        labels = {"app": "guard"}
        objects = [
            {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "guard"}},
            {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "guard", "namespace": "guard"},
             "spec": {"selector": labels, "ports": [{"port": 443, "targetPort": 8443}]}},
            {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "guard", "namespace": "guard"},
             "spec": {"replicas": 2, "selector": {"matchLabels": labels},
                      "template": {"metadata": {"labels": labels},
                                   "spec": {"containers": [{"name": "c", "image": "i"}]}}}},
            {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "once", "namespace": "default"},
             "spec": {"template": {"spec": {"restartPolicy": "Never", "containers": [{"name": "c", "image": "i"}]}}}},
            {"apiVersion": "apps/v1", "kind": "DaemonSet", "metadata": {"name": "each", "namespace": "default"},
             "spec": {"selector": {"matchLabels": {"a": "d"}},
                      "template": {"metadata": {"labels": {"a": "d"}},
                                   "spec": {"containers": [{"name": "c", "image": "i"}]}}}},
            {"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": {"name": "db", "namespace": "default"},
             "spec": {"replicas": 2, "serviceName": "db", "selector": {"matchLabels": {"a": "s"}},
                      "template": {"metadata": {"labels": {"a": "s"}},
                                   "spec": {"containers": [{"name": "c", "image": "i"}]}}}},
        ]
        kubectl("apply", "--validate=false", "-f", "-", text=json.dumps({"apiVersion": "v1", "kind": "List",
                                                                         "items": objects}))
        rolled = kubectl("-n", "guard", "rollout", "status", "deployment/guard", "--timeout=15s")
        expect("a Deployment rolls out", rolled.returncode == 0, rolled.stderr)
        addresses = lambda: [e for s in get("endpointslices", "-n", "guard").get("items", [])
                             for e in s.get("endpoints") or [] if e["conditions"]["ready"]]
        expect("its Service has endpoints", until(lambda: len(addresses()) == 2))
        expect("Endpoints, too", until(lambda: get("endpoints", "guard", "-n", "guard").get("subsets")))
        expect("a DaemonSet has a pod on each node", until(
            lambda: get("daemonset", "each").get("status", {}).get("numberReady") == 3))
        expect("a StatefulSet has its pods", until(
            lambda: get("statefulset", "db").get("status", {}).get("readyReplicas") == 2))
        expect("a Job completes", until(lambda: get("job", "once").get("status", {}).get("succeeded") == 1))

        hook = {"apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingWebhookConfiguration",
                "metadata": {"name": "guard"},
                "webhooks": [{"name": "guard.example.com", "sideEffects": "None", "admissionReviewVersions": ["v1"],
                              "clientConfig": {"service": {"name": "guard", "namespace": "guard"}},
                              "rules": [{"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"],
                                         "resources": ["pods"]}]}]}
        kubectl("apply", "--validate=false", "-f", "-", text=json.dumps(hook))
        made = kubectl("run", "one", "--image=i")
        expect("a ready backend lets pods pass", made.returncode == 0, made.stderr)
        kubectl("-n", "guard", "scale", "deployment/guard", "--replicas=0")
        expect("scaled to zero it has no endpoints", until(lambda: not addresses()))
        refused = kubectl("run", "two", "--image=i")
        tail = 'failed calling webhook "guard.example.com": failed to call webhook: Post ' \
               '"https://guard.guard.svc:443/?timeout=10s": no endpoints available for service "guard"'
        expect("pods are refused in the real words", tail in refused.stderr, refused.stderr)
        kubectl("-n", "guard", "scale", "deployment/guard", "--replicas=1")
        told = until(lambda: [e for e in get("events", "-n", "guard").get("items", [])
                              if e["reason"] == "FailedCreate"])
        expect("the ReplicaSet tells so", told and told[0]["message"] ==
               "Error creating: Internal error occurred: " + tail, told)
        expect("the Deployment's condition, too", until(lambda: any(
            c["type"] == "ReplicaFailure" for c in get("deployment", "guard", "-n", "guard")["status"]["conditions"])))
        kubectl("label", "namespace", "guard", "x=y")
        kubectl("patch", "validatingwebhookconfiguration", "guard", "--type=json", "-p", json.dumps(
            [{"op": "add", "path": "/webhooks/0/namespaceSelector",
              "value": {"matchExpressions": [{"key": "x", "operator": "DoesNotExist"}]}}]))
        expect("excluded it comes back", until(lambda: addresses(), 20))
    finally:
        server.send_signal(signal.SIGTERM)
        expect("the server ends with 0", server.wait(20) == 0)

sys.exit(1 if failures else 0)
