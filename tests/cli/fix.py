#!/usr/bin/env python3
"""`gatepost fix` from broken to verified, one situation a remedy, and back: fix.py GATEPOST"""
import json, pathlib, sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "remedy"))
from stage import Backend, Controller, Stage, b64, endpoints, hook, inside_netns, pod, service, steady, workload  # noqa: E402

inside_netns()


def result_of(document, remedy):
    found = [r for r in document.get("result", {}).get("repairs", []) if r["remedy"] == remedy]
    return found[0]["outcome"] if found else document


def repairs_of(document):
    return [r["remedy"] for r in document.get("plan", {}).get("repairs", []) if not r["optional"]]


with Stage(sys.argv[1]) as stage:
    expect = stage.expect
    for ns in ("sys", "other"):
        code, _ = stage.call("POST", "/api/v1/namespaces", {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": ns}})
        assert code == 201

    def repaired(name, remedy, broken, *arguments, ns="default", watched=(), works=True):
        """Plans (nothing is written), applies (verified), and undoes (as before)."""
        before = [steady(stage.get(o)) for o in broken]
        code, plan = stage.fix_json(*arguments)
        expect(f"{name}: planned as {remedy}", code == 1 and repairs_of(plan) == [remedy], plan)
        expect(f"{name}: planning writes nothing", before == [steady(stage.get(o)) for o in broken])
        code, done = stage.fix_json("--apply", *arguments)
        expect(f"{name}: verified", code == 0 and result_of(done, remedy) == "verified", (code, done))
        expect(f"{name}: works", stage.admitted(ns) is True or not works, stage.admitted(ns))
        backup = done.get("result", {}).get("backup")
        if backup:
            mode = pathlib.Path(backup).stat().st_mode & 0o777
            expect(f"{name}: the backup is private", mode == 0o600, oct(mode))
            undone = stage.run("restore", backup)
            expect(f"{name}: restore ends well", undone.returncode == 0, undone.stdout + undone.stderr)
            after = [stage.get(o) for o in broken]
            expect(f"{name}: restore brings it back", before == [steady(o) for o in after if o], (before, after))
        return done

    # --- resync-ca-bundle
    backend, stranger = Backend(stage), Backend(stage)
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "hook-tls", "namespace": "sys"}, "type": "Opaque", "data": {"ca.crt": b64(backend.ca)}}
    mounts = [{"name": "tls", "secret": {"secretName": "hook-tls"}}]
    stale = hook(client={"service": {"name": "hook", "namespace": "sys"}, "caBundle": b64(stranger.ca)}, labels={"app.kubernetes.io/managed-by": "Helm"},
                 annotations={"meta.helm.sh/release-name": "hooks", "meta.helm.sh/release-namespace": "sys"})
    stage.create(service(), endpoints(backend.port), workload(volumes=mounts), pod(volumes=mounts), secret, stale)
    done = repaired("a stale bundle", "resync-ca-bundle", [stale])
    text = json.dumps(done)
    expect("no bundle and no secret is printed", b64(backend.ca)[:60] not in text and "BEGIN CERT" not in text)
    lasting = done["plan"]["repairs"][0].get("lasting", [])
    expect("Helm's chart is named as the place to make it last", any("release hooks" in line for line in lasting), lasting)
    stage.clear()

    backend = Backend(stage)
    missing = hook(client={"service": {"name": "hook", "namespace": "sys"}})
    stage.create(service(), endpoints(backend.port), workload(), pod(), missing)
    code, plan = stage.fix_json()
    expect("without a trustworthy source there is no plan", code == 1 and repairs_of(plan) == [] and plan["plan"]["instructions"], plan)
    repaired("--ca-file", "resync-ca-bundle", [missing], "--ca-file", backend.ca_file)
    code, plan = stage.fix_json("--trust-served", "--apply")
    expect("--trust-served asks twice", code == 2 and "caBundle" not in json.dumps(stage.get(missing)["webhooks"][0]["clientConfig"]), plan)
    repaired("--trust-served --yes", "resync-ca-bundle", [missing], "--trust-served", "--yes")
    stage.clear()

    backend, stranger = Backend(stage), Backend(stage)
    stage.create(service(), endpoints(backend.port), {**secret, "data": {"ca.crt": b64(backend.ca)}},
                 {**secret, "metadata": {"name": "another", "namespace": "sys"}, "data": {"ca.crt": b64(stranger.ca)}}, missing)
    repaired("a Secret that nobody mounts, proven by what is served", "resync-ca-bundle", [missing])
    stage.clear()

    # --- fix-service-reference
    backend = Backend(stage, path="/validate")
    right = {"name": "hook", "namespace": "sys"}
    stage.create(service(), endpoints(backend.port), workload(), pod())
    for name, wrong in (("a wrong port", {"port": 8443}), ("a wrong path", {"path": "/nowhere"}), ("a wrong namespace", {"namespace": "other"}),
                        ("a misspelt name", {"name": "hok"})):
        broken = hook(client={"service": {"path": "/validate", **right, **wrong}, "caBundle": b64(backend.ca)})
        stage.create(broken)
        repaired(name, "fix-service-reference", [broken])
        stage.call("DELETE", "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/w.test.io")
    stage.clear()

    # --- delete-stale-configuration: only the dead webhook goes, where others live
    dead = hook(client={"service": {"name": "gone", "namespace": "sys"}})
    stage.create(dead)
    done = repaired("a configuration without its product", "delete-stale-configuration", [dead])
    stage.clear()
    backend = Backend(stage)
    both = hook(client={"service": {"name": "gone", "namespace": "other"}})
    both["webhooks"].append({**hook("alive.test.io")["webhooks"][0], "clientConfig": {"url": backend.url.replace("10.96.4.21", "10.96.4.21") + "/x"}})
    both["webhooks"][1]["clientConfig"] = {"service": {"name": "hook", "namespace": "sys"}, "caBundle": b64(backend.ca)}
    stage.create(service(), endpoints(backend.port), workload(), pod(), both)
    code, done = stage.fix_json("--apply")
    left = [w["name"] for w in stage.get(both)["webhooks"]]
    expect("a webhook that answers stays", code == 0 and left == ["alive.test.io"], (left, done))
    stage.clear()

    # --- raise-timeout, lower-timeout, set-failure-policy, exclude-namespaces
    backend = Backend(stage, fault="slow=1200ms")
    slow = hook(client={"service": {"name": "hook", "namespace": "sys"}, "caBundle": b64(backend.ca)}, timeoutSeconds=1)
    stage.create(service(), endpoints(backend.port), workload(), pod(), slow)
    repaired("a timeout that is too low", "raise-timeout", [slow])
    for step, field in (("set-failure-policy", "failurePolicy"),):
        code, done = stage.fix_json("--step", step, "--apply")
        expect(f"{step} is made where it is asked for", code == 0 and stage.get(slow)["webhooks"][0][field] == "Ignore", done)
    stage.clear()

    # --- an unproven repair is rolled back
    backend, stranger = Backend(stage), Backend(stage)
    wrong = hook(client={"service": {"name": "hook", "namespace": "sys"}, "caBundle": b64(stranger.ca)})
    stage.create(service(), endpoints(backend.port), workload(), pod(), wrong)
    before = steady(stage.get(wrong))
    code, done = stage.fix_json("--step", "exclude-namespaces", "--apply", "--ca-file", backend.ca_file)
    expect("what is no better is rolled back", code == 1 and result_of(done, "exclude-namespaces") == "rolled-back" and steady(stage.get(wrong)) == before, (code, done))
    code, done = stage.fix_json("--step", "nothing-such", "--apply")
    expect("a step that is not there", code == 2, done)
    stage.clear()
sys.exit(1 if stage.failures else 0)
