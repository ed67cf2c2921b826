#!/usr/bin/env python3
"""helm against the server: install, upgrade, rollback, uninstall, hooks, --wait. helm.py KUBECONFIG HELM KUBECTL"""
import json, pathlib, subprocess, sys, tempfile, threading, time

KUBECONFIG, HELM, KUBECTL = sys.argv[1:4]
CHART = pathlib.Path(__file__).resolve().parent / "chart"
home = tempfile.mkdtemp()
environment = {"HOME": home, "PATH": "/usr/bin:/bin", "KUBECONFIG": KUBECONFIG}
failures = []


def expect(name, ok, seen=""):
    print(f"{'ok  ' if ok else 'FAIL'} {name} {'' if ok else seen}", flush=True)
    if not ok:
        failures.append(name)


def run(*command):
    return subprocess.run([str(c) for c in command], capture_output=True, text=True, env=environment, timeout=120)


def helm(*words):
    return run(HELM, "--namespace", "shop", *words)


def get(kind, name, namespace="shop"):
    done = run(KUBECTL, "-n", namespace, "get", kind, name, "-o", "json")
    return json.loads(done.stdout) if done.returncode == 0 else None


# No kubelet runs here: this thread says that pods are ready and jobs done, half a second after they are there.
READY = {"status": {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]}}
stop = threading.Event()
answered = {}


def node():
    seen = {}
    while not stop.wait(0.1):
        for kind, now in (("pods", lambda: READY), ("jobs", done_job)):
            listed = run(KUBECTL, "-n", "shop", "get", kind, "-o", "json")
            for item in json.loads(listed.stdout)["items"] if listed.returncode == 0 else []:
                uid, name = item["metadata"]["uid"], item["metadata"]["name"]
                seen.setdefault(uid, time.monotonic())
                if uid not in answered and time.monotonic() - seen[uid] > 0.5:
                    patched = run(KUBECTL, "-n", "shop", "patch", kind, name, "--subresource=status", "--type=merge", "-p", json.dumps(now()))
                    answered[uid] = patched.returncode == 0 or patched.stderr


def done_job():
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    condition = {"status": "True", "lastTransitionTime": now, "lastProbeTime": now}
    return {"status": {"startTime": now, "completionTime": now, "succeeded": 1,
                       "conditions": [{"type": "SuccessCriteriaMet", **condition}, {"type": "Complete", **condition}]}}


thread = threading.Thread(target=node, daemon=True)
thread.start()

done = helm("install", "web", CHART, "--create-namespace", "--wait", "--timeout", "60s")
expect("install with --wait", done.returncode == 0 and "STATUS: deployed" in done.stdout, done)
expect("it waited for what only the node can say", answered and all(v is True for v in answered.values()), answered)
settings = get("configmap", "web-settings")
expect("the chart's objects are there", settings and settings["data"]["text"] == "first" and settings["data"]["server"].startswith("v1.36"), settings)
expect("and its custom resource", (get("notes.helm.gatepost.dev", "web") or {}).get("spec") == {"text": "first"})
expect("owned by the release", settings and settings["metadata"]["annotations"]["meta.helm.sh/release-name"] == "web", settings)
expect("the hook before ran", (get("configmap", "web-before") or {}).get("data") == {"text": "first"})
expect("the hook after is gone", get("job", "web-after") is None)

done = helm("upgrade", "web", CHART, "--set", "text=second", "--wait", "--timeout", "60s")
expect("upgrade", done.returncode == 0 and "REVISION: 2" in done.stdout, done)
expect("changes what changed", get("configmap", "web-settings")["data"]["text"] == "second" and get("notes.helm.gatepost.dev", "web")["spec"]["text"] == "second")
done = helm("upgrade", "web", CHART, "--set", "text=third,refused=true", "--timeout", "30s")
expect("an upgrade that the server refuses fails with its words", done.returncode != 0 and 'Invalid value: "Not_A_Name": a lowercase RFC 1123 subdomain' in done.stderr, done)
done = helm("rollback", "web", "1", "--wait", "--timeout", "60s")
expect("rollback", done.returncode == 0 and "Rollback was a success" in done.stdout, done)
expect("brings back what was", get("configmap", "web-settings")["data"]["text"] == "first")
done = helm("history", "web", "-o", "json")
rows = json.loads(done.stdout) if done.returncode == 0 else []
expect("the history is kept", [(r["revision"], r["status"]) for r in rows] == [(1, "superseded"), (2, "superseded"), (3, "failed"), (4, "deployed")], done)
done = helm("get", "manifest", "web")
expect("the manifest is kept", done.returncode == 0 and "kind: Note" in done.stdout, done)
done = helm("upgrade", "web", CHART, "--dry-run=server", "--set", "text=dry")
expect("a dry run changes nothing", done.returncode == 0 and get("configmap", "web-settings")["data"]["text"] == "first", done)
done = helm("uninstall", "web", "--wait", "--timeout", "60s")
expect("uninstall", done.returncode == 0 and 'release "web" uninstalled' in done.stdout, done)
expect("takes all away but hooks", get("configmap", "web-settings") is None and get("service", "web") is None and get("notes.helm.gatepost.dev", "web") is None)
expect("the hook of the end ran", get("configmap", "web-farewell") is not None)
expect("nothing is left of the release", json.loads(helm("list", "-o", "json").stdout) == [])
stop.set()
thread.join(5)
sys.exit(1 if failures else 0)
