#!/usr/bin/env python3
"""Repairs that change what stands behind a webhook, with hands that play the controllers: fix_backends.py GATEPOST"""
import base64, json, pathlib, ssl, subprocess, sys, time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "remedy"))
from stage import ADDRESS, Backend, Controller, Stage, b64, endpoints, hook, inside_netns, pod, service, steady, workload  # noqa: E402

inside_netns()
CERTIFICATES = {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": {"name": "certificates.cert-manager.io"},
                "spec": {"group": "cert-manager.io", "scope": "Namespaced", "names": {"plural": "certificates", "singular": "certificate", "kind": "Certificate"},
                         "versions": [{"name": "v1", "served": True, "storage": True, "subresources": {"status": {}},
                                       "schema": {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}}]}}


def outcome(document, remedy):
    return [r["outcome"] for r in document.get("result", {}).get("repairs", []) if r["remedy"] == remedy] or document


def openssl_pair(directory, name):
    """A CA and a serving certificate of it, as PEM: ca, certificate, key."""
    done = subprocess.run([sys.argv[1], "certs", "issue", "--service", "sys/hook", "--out", directory / name], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return [(directory / name / f).read_text() for f in ("ca.crt", "tls.crt", "tls.key")]


with Stage(sys.argv[1]) as stage:
    expect = stage.expect
    for ns in ("sys", "other", "cert-manager"):
        stage.call("POST", "/api/v1/namespaces", {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": ns}})
    stage.call("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", CERTIFICATES)
    for _ in range(100):
        if stage.call("GET", "/apis/cert-manager.io/v1/certificates")[0] == 200:
            break
        time.sleep(0.05)
    mounts = [{"name": "tls", "secret": {"secretName": "hook-tls"}}]

    def rolled_out(act):
        """Plays the deployment controller: after a restart the pods are new."""
        def look():
            now = stage.get(workload())
            if not now or not now["spec"]["template"]["metadata"].get("annotations", {}).get("kubectl.kubernetes.io/restartedAt"):
                return False
            act()
            stage.patch(workload(), {"status": {"observedGeneration": now["metadata"]["generation"], "replicas": 1, "updatedReplicas": 1, "readyReplicas": 1}}, "/status")
            return True
        return Controller(look)

    # --- scale-backend, with a budget
    backend = Backend(stage)
    empty = {**endpoints(backend.port), "endpoints": []}
    asleep = workload(replicas=0)
    registered = hook(client={"service": {"name": "hook", "namespace": "sys"}, "caBundle": b64(backend.ca)})
    stage.create(service(), empty, asleep, registered)

    def woken():
        if stage.get(asleep)["spec"]["replicas"] == 0:
            return False
        stage.put({**endpoints(backend.port)})
        return True

    with Controller(woken):
        code, done = stage.fix_json("--apply")
    budget = {"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": {"name": "hook", "namespace": "sys"}}
    expect("scale-backend: verified", code == 0 and outcome(done, "scale-backend") == ["verified"] and stage.admitted() is True, (code, done))
    expect("scale-backend: a budget stands beside it", (stage.get(budget) or {}).get("spec", {}).get("minAvailable") == 1)
    undone = stage.run("restore", done["result"]["backup"])
    expect("scale-backend: restore scales down and takes the budget away", undone.returncode == 0 and stage.get(asleep)["spec"]["replicas"] == 0 and not stage.get(budget), undone.stdout)
    stage.clear()

    # --- restart-stale-backend: the Secret is newer than what is served
    old = Backend(stage)
    ca, certificate, key = openssl_pair(stage.dir, "new")
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "hook-tls", "namespace": "sys"}, "type": "kubernetes.io/tls",
              "data": {"ca.crt": b64(ca), "tls.crt": b64(certificate), "tls.key": b64(key)}}
    registered = hook(client={"service": {"name": "hook", "namespace": "sys"}, "caBundle": b64(ca)})
    stage.create(service(), endpoints(old.port), workload(volumes=mounts), pod(volumes=mounts), secret, registered)
    before = steady(stage.get(workload()))
    code, done = stage.fix_json("--apply")
    expect("restart-stale-backend: rolled back where nothing comes of it", code == 1 and outcome(done, "restart-stale-backend") == ["rolled-back"], (code, done))
    expect("restart-stale-backend: and the workload is as before", steady(stage.get(workload())) == before)

    def renewed():
        # The renewed backend is one whose CA is in the bundle already; the certificate's key stays in the Secret.
        fresh = Backend(stage)
        stage.put(endpoints(fresh.port))
        stage.put({**stage.get(registered), "webhooks": hook(client={"service": {"name": "hook", "namespace": "sys"}, "caBundle": b64(fresh.ca)})["webhooks"]})

    with rolled_out(renewed):
        code, done = stage.fix_json("--apply")
    expect("restart-stale-backend: verified", code == 0 and outcome(done, "restart-stale-backend") == ["verified"] and stage.admitted() is True, (code, done))
    stage.clear()

    # --- renew-certificate with an own authority: the bundle first (both CAs), then the Secret, then the restart
    expired = Backend(stage, fault="expired")
    secret["data"] = {"tls.crt": b64(ssl.get_server_certificate((ADDRESS, expired.port))), "tls.key": b64("no key of ours")}
    secret["type"] = "Opaque"
    registered = hook(client={"service": {"name": "hook", "namespace": "sys"}, "caBundle": b64(expired.ca)})
    stage.create(service(), endpoints(expired.port), workload(volumes=mounts), pod(volumes=mounts), secret, registered)
    code, plan = stage.fix_json()
    steps = [s["id"] for r in plan["plan"]["repairs"] if not r["optional"] for s in r["steps"]]
    expect("renew-certificate: bundle, Secret, restart", steps == ["renew-certificate/bundle-w.test.io", "renew-certificate/secret", "renew-certificate/restart", "renew-certificate/rollout"], steps)
    text = json.dumps(plan)
    expect("renew-certificate: no key and no PEM in what is printed", "PRIVATE KEY" not in text and b64("-----BEGIN")[:12] not in text)
    state = {}

    def serves_anew():
        data = stage.get(secret)["data"]
        state["bundle"] = stage.get(registered)["webhooks"][0]["clientConfig"]["caBundle"]
        fresh = Backend(stage)
        stage.put(endpoints(fresh.port))
        both = base64.b64decode(state["bundle"]).decode() + fresh.ca
        stage.patch(registered, {"webhooks": hook(client={"service": {"name": "hook", "namespace": "sys"}, "caBundle": b64(both)})["webhooks"]})
        state["crt"] = base64.b64decode(data["tls.crt"]).decode()

    with rolled_out(serves_anew):
        code, done = stage.fix_json("--apply")
    expect("renew-certificate: verified", code == 0 and outcome(done, "renew-certificate") == ["verified"], (code, done))
    (stage.dir / "made.crt").write_text(state.get("crt", ""))
    shown = subprocess.run([sys.argv[1], "certs", "inspect", stage.dir / "made.crt", "--name", "hook.sys.svc"], capture_output=True, text=True)
    expect("renew-certificate: the Secret holds a certificate for the Service", shown.returncode == 0 and "hook.sys.svc" in shown.stdout, shown.stdout + shown.stderr)
    expect("renew-certificate: both CAs stand side by side meanwhile", base64.b64decode(state.get("bundle", "")).count(b"BEGIN CERT") == 2, state)
    stage.clear()

    # --- renew-certificate by cert-manager
    expired = Backend(stage, fault="expired")
    issued = {"apiVersion": "cert-manager.io/v1", "kind": "Certificate", "metadata": {"name": "hook", "namespace": "sys"}, "spec": {"secretName": "hook-tls", "dnsNames": ["hook.sys.svc"]}}
    registered = hook(client={"service": {"name": "hook", "namespace": "sys"}, "caBundle": b64(expired.ca)})
    stage.create(service(), endpoints(expired.port), workload(volumes=mounts), pod(volumes=mounts), secret, issued, registered)

    def issues():
        conditions = (stage.get(issued).get("status") or {}).get("conditions", [])
        if not any(c["type"] == "Issuing" and c["status"] == "True" for c in conditions):
            return False
        fresh = Backend(stage)
        stage.patch(secret, {"data": {"tls.crt": b64(fresh.ca)}})
        stage.patch(registered, {"webhooks": hook(client={"service": {"name": "hook", "namespace": "sys"}, "caBundle": b64(fresh.ca)})["webhooks"]})
        stage.put(endpoints(fresh.port))
        return True

    with Controller(issues), rolled_out(lambda: None):
        code, done = stage.fix_json("--apply")
    expect("renew-certificate by cert-manager: verified", code == 0 and outcome(done, "renew-certificate") == ["verified"], (code, done))
    stage.clear()

    # --- ca-injector's annotation
    backend = Backend(stage)
    stage.create(service(), endpoints(backend.port), workload(volumes=mounts), pod(volumes=mounts), {**secret, "data": {"ca.crt": b64(backend.ca), "tls.crt": b64(backend.ca)}},
                 {**issued}, hook(annotations={"cert-manager.io/inject-ca-from": "sys/hok"}))
    asked = hook()

    def injects():
        now = stage.get(asked)
        if now["metadata"]["annotations"].get("cert-manager.io/inject-ca-from") != "sys/hook":
            return False
        now["webhooks"][0]["clientConfig"]["caBundle"] = b64(backend.ca)
        stage.put(now)
        return True

    with Controller(injects):
        code, done = stage.fix_json("--apply")
    expect("the annotation of ca-injector: verified", code == 0 and outcome(done, "resync-ca-bundle") == ["verified"], (code, done))
    stage.clear()

    # --- break-deadlock
    backend = Backend(stage)
    pods = [{"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["pods", "configmaps"]}]
    locked = hook(client={"service": {"name": "hook", "namespace": "sys"}, "caBundle": b64(backend.ca)}, rules=pods)
    stage.create(service(), {**endpoints(backend.port), "endpoints": []}, workload(), locked)

    def creates_pods():
        code, _ = stage.call("POST", "/api/v1/namespaces/sys/pods", {k: v for k, v in pod().items() if k != "status"})
        if code == 201:
            stage.made.append("/api/v1/namespaces/sys/pods/hook-1")
            stage.put(endpoints(backend.port))
        return code == 201

    with Controller(creates_pods):
        code, done = stage.fix_json("--apply")
    now = stage.get(locked)["webhooks"][0]
    values = [e["values"] for e in now["namespaceSelector"].get("matchExpressions", [])]
    expect("break-deadlock: verified by the narrowest way", code == 0 and outcome(done, "break-deadlock") == ["verified"] and now["failurePolicy"] == "Fail", (code, done, now))
    expect("break-deadlock: the exclusions are kept", values == [["kube-system", "sys"]], values)
    expect("break-deadlock: everybody else is still checked", stage.admitted() is True and stage.call("GET", "/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/gatepost-repair")[1]["spec"].get("holderIdentity", "") == "")
    stage.clear()

    # Where the narrow way is not enough the webhook is opened, deleted, and put back in the end.
    stage.create(service(), {**endpoints(1), "endpoints": []}, workload(), locked)
    code, done = stage.fix_json("--apply")
    steps = {s["id"]: s["state"] for r in done["result"]["repairs"] for s in r["steps"]}
    expect("break-deadlock: nothing wider where requests pass already", [steps.get("break-deadlock/" + s) for s in ("fail-open", "delete", "put-back")] == ["skipped"] * 3 and code == 0, steps)
    stage.clear()
    locked["webhooks"][0]["rules"][0]["resources"].append("nodes")
    stage.create(service(), {**endpoints(1), "endpoints": []}, workload(), locked)
    code, done = stage.fix_json("--apply")
    steps = {s["id"]: s["state"] for r in done["result"]["repairs"] for s in r["steps"]}
    now = stage.get(locked)
    expect("break-deadlock: each wider way in its turn", [steps.get("break-deadlock/" + s) for s in ("fail-open", "delete", "put-back")] == ["undone", "undone", "done"], steps)
    expect("break-deadlock: and the policy is back with the exclusions", now and now["webhooks"][0]["failurePolicy"] == "Fail" and now["webhooks"][0]["namespaceSelector"].get("matchExpressions"), now)
    stage.clear()

    # --- break-glass
    stage.create(service(), {**endpoints(1), "endpoints": []}, locked)
    before = steady(stage.get(locked))
    for arguments in ((), ("--delete",)):
        done = stage.run("break-glass", "w.test.io", "--backup-dir", stage.backups, "-o", "json", *arguments)
        document = json.loads(done.stdout)
        expect(f"break-glass {arguments}: opens at once", done.returncode == 0 and stage.admitted() is True and document["result"]["backup"], done.stdout + done.stderr)
        first = stage.run("restore", "--backup-dir", stage.backups)
        now = stage.get(locked)
        expect(f"break-glass {arguments}: restore puts the policy back first", first.returncode == 0 and now["webhooks"][0]["failurePolicy"] == "Fail" and now["webhooks"][0]["namespaceSelector"].get("matchExpressions"), first.stdout + first.stderr)
        second = stage.run("restore", document["result"]["backup"])
        expect(f"break-glass {arguments}: and then everything", second.returncode == 0 and steady(stage.get(locked)) == before, second.stdout + second.stderr)
    done = stage.run("break-glass", "w.tets.io")
    expect("break-glass: a misspelt name offers the nearest", done.returncode == 2 and "w.test.io" in done.stderr, done.stderr)
    stage.clear()
sys.exit(1 if stage.failures else 0)
