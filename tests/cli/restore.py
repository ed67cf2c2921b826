#!/usr/bin/env python3
"""Plans in files, rights, backups, conflicts and the way back of `gatepost fix`, and `gatepost certs`: restore.py GATEPOST"""
import json, os, pathlib, subprocess, sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "remedy"))
from stage import Backend, Stage, b64, hook, steady  # noqa: E402

with Stage(sys.argv[1]) as stage:
    expect = stage.expect
    stranger, backend = Backend(stage, listen="127.0.0.1:0"), Backend(stage, listen="127.0.0.1:0")
    broken = hook(client={"url": backend.url + "/x", "caBundle": b64(stranger.ca)})
    ca = ["--ca-file", backend.ca_file]
    stage.create(broken)
    original = steady(stage.get(broken))

    # --- plans in files
    plan = stage.dir / "plan.json"
    done = stage.fix(*ca, "--plan-out", plan, "--apply")
    expect("--plan-out keeps the plan, privately, and writes nothing else", done.returncode == 1 and plan.stat().st_mode & 0o777 == 0o600 and steady(stage.get(broken)) == original, done.stdout + done.stderr)
    stage.patch(broken, {"metadata": {"annotations": {"somebody": "was here"}}})
    done = stage.fix("--plan", plan, "--apply")
    expect("a plan whose object changed since is refused", done.returncode == 2 and "changed since" in done.stderr and done.stderr.count("\n") == 1, done.stderr)
    stage.patch(broken, {"metadata": {"annotations": {"somebody": None}}})
    (stage.dir / "cut.json").write_text(plan.read_text()[:-40])
    done = stage.fix("--plan", stage.dir / "cut.json", "--apply")
    expect("a plan that was cut short is refused", done.returncode == 2 and done.stderr.count("\n") == 1, done.stderr)
    done = stage.fix("--plan", plan, "--apply")
    expect("a plan is carried out", done.returncode == 0 and "verified" in done.stdout, done.stdout + done.stderr)
    done = stage.run("restore", "--backup-dir", stage.backups, "--list")
    expect("--list tells of it", done.returncode == 0 and "resync-ca-bundle for w.test.io" in done.stdout and "applied" in done.stdout, done.stdout)
    backup = sorted(stage.backups.glob("*.json"))[-1]
    events = stage.call("GET", "/api/v1/namespaces/default/events")[1]["items"]
    expect("an Event is on the object", any(e["involvedObject"]["name"] == "w.test.io" and e["reason"] == "Repaired" for e in events), events)
    managers = [m["manager"] for m in stage.get(broken)["metadata"]["managedFields"]]
    expect("the field manager is gatepost", "gatepost" in managers, managers)
    done = stage.fix()
    expect("nothing is left to repair", done.returncode == 0, done.stdout)

    # --- three ways
    stage.patch(broken, {"metadata": {"labels": {"theirs": "yes"}}})
    done = stage.run("restore", "--dry-run", backup)
    expect("--dry-run only tells", done.returncode == 0 and "would be undone" in done.stdout and steady(stage.get(broken)) != original, done.stdout)
    done = stage.run("restore", backup)
    now = stage.get(broken)
    expect("what others changed since stays, and is told", done.returncode == 0 and now["metadata"]["labels"] == {"theirs": "yes"} and "theirs" in done.stdout
           and now["webhooks"] == stage.get(broken)["webhooks"] and now["webhooks"][0]["clientConfig"]["caBundle"] == b64(stranger.ca), done.stdout)
    done = stage.run("restore", backup)
    expect("a second restore finds nothing", done.returncode == 0 and "nothing to undo" in done.stdout, done.stdout)
    code, document = stage.fix_json(*ca, "--apply")
    theirs = stage.get(broken)
    theirs["webhooks"][0]["clientConfig"]["caBundle"] = b64(stranger.ca + backend.ca)
    stage.put(theirs)
    done = stage.run("restore", document["result"]["backup"])
    expect("the same field set by somebody since stays", done.returncode == 1 and stage.get(broken)["webhooks"][0]["clientConfig"]["caBundle"] == b64(stranger.ca + backend.ca), done.stdout)
    expect("and no bundle is printed", b64(stranger.ca)[:40] not in done.stdout)

    # --- --force on the journal of a repair that is pending again
    stage.put({**stage.get(broken), "webhooks": original["webhooks"]})
    code, document = stage.fix_json(*ca, "--apply")
    theirs = stage.get(broken)
    theirs["webhooks"][0]["clientConfig"]["caBundle"] = b64(stranger.ca + backend.ca)
    stage.put(theirs)
    done = stage.run("restore", "--force", document["result"]["backup"])
    expect("unless it is forced", done.returncode == 0 and stage.get(broken)["webhooks"] == original["webhooks"], done.stdout)

    # --- backups
    for name, text in (("changed", pathlib.Path(backup).read_text().replace("w.test.io", "v.test.io")), ("empty", ""), ("a plan", plan.read_text())):
        (stage.dir / "bad.json").write_text(text)
        done = stage.run("restore", stage.dir / "bad.json")
        expect(f"a backup that is {name} is refused", done.returncode == 2 and done.stderr.count("\n") == 1, done.stderr)
    (stage.dir / "file").write_text("")
    done = stage.run("fix", *ca, "--apply", "--backup-dir", stage.dir / "file" / "x")
    expect("without a backup nothing is touched", done.returncode == 2 and "nothing was written" in done.stderr and stage.get(broken)["webhooks"] == original["webhooks"], done.stderr)

    # --- rights: one that is missing stops it before anything is written
    rbac = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": "looks"},
            "rules": [{"apiGroups": ["*"], "resources": ["*"], "verbs": ["get", "list"]}, {"apiGroups": [""], "resources": ["configmaps"], "verbs": ["create"]}]}
    bound = {"apiVersion": rbac["apiVersion"], "kind": "ClusterRoleBinding", "metadata": {"name": "looks"}, "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "looks"},
             "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "jane"}]}
    stage.create(rbac, bound)
    done = stage.fix(*ca, "--apply", "--as", "jane")
    expect("rights that are missing are told before anything is written", done.returncode == 3 and "you may not update validatingwebhookconfigurations/w.test.io" in done.stderr
           and stage.get(broken)["webhooks"] == original["webhooks"], done.stderr)

    # --- another repair is under way
    lease = {"apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": {"name": "gatepost-repair", "namespace": "kube-system"}}
    held = stage.get(lease)
    held["spec"].update({"holderIdentity": "20200101T000000Z-abcde elsewhere 1", "renewTime": "2200-01-01T00:00:00.000000Z", "leaseDurationSeconds": 60})
    stage.put(held)
    done = stage.fix(*ca, "--apply")
    expect("one repair at a time", done.returncode == 3 and "another repair is under way" in done.stderr and stage.get(broken)["webhooks"] == original["webhooks"], done.stderr)
    stage.put({**stage.get(lease), "spec": {**held["spec"], "renewTime": "2020-01-01T00:00:00.000000Z"}})
    done = stage.fix(*ca, "--apply")
    expect("a lease that ran out is taken over", done.returncode == 0, done.stdout + done.stderr)

    # --- a misuse is one line
    for name, arguments in (("a name that is not there", ["x.test.io"]), ("a CA that is none", ["--ca-file", stage.kubeconfig]), ("a plan that is not there", ["--plan", "/nowhere"]),
                            ("a text without a webhook", ["--error", "no webhook here"])):
        done = stage.fix(*arguments)
        expect(name, done.returncode == 2 and done.stderr.count("\n") == 1, (done.returncode, done.stderr, done.stdout))

    # --- certs
    made = stage.dir / "made"
    done = stage.run("certs", "issue", "--service", "sys/hook", "--name", "extra.test", "--out", made)
    expect("certs issue writes private files", done.returncode == 0 and (made / "tls.key").stat().st_mode & 0o777 == 0o600, done.stderr)
    done = stage.run("certs", "inspect", made / "tls.crt", "--name", "hook.sys.svc", "-o", "json")
    names = json.loads(done.stdout)["sources"][0]["certificates"][0]["names"]
    expect("with the Service's names", done.returncode == 0 and {"hook.sys.svc", "hook.sys.svc.cluster.local", "extra.test"} <= set(names), names)
    done = stage.run("certs", "inspect", made / "tls.crt", "--name", "other.sys.svc")
    expect("certs inspect judges the name", done.returncode == 1 and "other.sys.svc" in done.stdout, done.stdout)
    done = stage.run("certs", "inspect", backend.url.removeprefix("https://"))
    expect("and what is served", done.returncode == 0 and "webhook-backend" in done.stdout, done.stdout + done.stderr)
    done = stage.run("certs", "inspect", "validatingwebhookconfiguration/w.test.io")
    expect("and a caBundle", done.returncode == 0 and "sha256" in done.stdout, done.stdout + done.stderr)
    code, _ = stage.call("POST", "/api/v1/namespaces", {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "sys"}})
    served = hook("s.test.io")
    stage.create(served)
    done = stage.run("certs", "issue", "--service", "sys/hook", "--secret", "hook-tls", "--backup-dir", stage.backups, "--wait", "0s", "--apply")
    secret = stage.call("GET", "/api/v1/namespaces/sys/secrets/hook-tls")[1]
    bundle = stage.get(served)["webhooks"][0]["clientConfig"].get("caBundle")
    expect("certs issue --secret writes Secret and bundle", done.returncode == 0 and secret.get("data", {}).get("ca.crt") == bundle, done.stdout + done.stderr)
    expect("and prints no key", "PRIVATE" not in done.stdout and secret.get("data", {}).get("tls.key", "x")[:40] not in done.stdout)
    done = stage.run("certs", "inspect", "secret/sys/hook-tls", "--name", "hook.sys.svc")
    expect("and the Secret is good", done.returncode == 0, done.stdout + done.stderr)
sys.exit(1 if stage.failures else 0)
