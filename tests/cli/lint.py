#!/usr/bin/env python3
"""`gatepost lint`: inputs, outputs, exit codes, baselines, repairs: lint.py GATEPOST"""
import json
import pathlib
import subprocess
import sys
import tempfile
import xml.dom.minidom

failures = []
GATEPOST = str(pathlib.Path(sys.argv[1]).resolve())
work = pathlib.Path(tempfile.mkdtemp())
BAD = """apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata:
  name: gate
webhooks:
- name: gate.example.com
  timeoutSeconds: 30 # long
  failurePolicy: Fail
  rules:
  - {apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [pods], scope: Namespaced}
"""
CLEAN = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\n"


def run(*arguments, stdin="", cwd=work):
    return subprocess.run([GATEPOST, "lint", *map(str, arguments)], input=stdin, capture_output=True, text=True,
                          timeout=60, cwd=cwd)


def check(name, ok, done=None):
    print(f"{'ok  ' if ok else 'FAIL'} {name}" + ("" if ok or done is None else f" exit {done.returncode}: {(done.stdout + done.stderr)[:800]}"))
    if not ok:
        failures.append(name)


(work / "sub").mkdir()
(work / "bad.yaml").write_text(BAD)
(work / "clean.yaml").write_text(CLEAN)
(work / "sub/notes.txt").write_text(BAD)
(work / "sub/more.json").write_text(json.dumps({"kind": "List", "apiVersion": "v1", "items": [{"kind": "ValidatingWebhookConfiguration", "metadata": {"name": "j"}, "webhooks": [{"name": "j.example.com", "timeoutSeconds": 31}]}]}))

done = run("clean.yaml")
check("nothing found is 0", done.returncode == 0, done)
done = run("bad.yaml")
check("findings are 1, with the field underlined", done.returncode == 1 and "bad.yaml:7:3" in done.stdout and "  ^^^^^^^^^^^^^^^^^^" in done.stdout, done)
done = run("-", stdin=BAD)
check("standard input", done.returncode == 1 and "<stdin>:7:3" in done.stdout, done)
done = run(".", "-o", "json")
report = json.loads(done.stdout)
found = {(f["rule"], f["file"], f.get("path")) for f in report["findings"]}
check("a folder, with JSON and Lists", ("GP202", "./sub/more.json", "items[0].webhooks[0].timeoutSeconds") in found and report["schema"] == "gatepost.dev/v1" and not any("notes.txt" in f[1] for f in found), done)
check("places", all(f["line"] > 0 and f["column"] > 0 and f["severity"] in ("error", "warning", "info") for f in report["findings"]))
(work / "broken.yaml").write_text("kind: Pod\nspec: [a\nb: c\n")
done = run("broken.yaml", "bad.yaml", "-o", "json")
check("broken YAML is 2, the rest is linted", done.returncode == 2 and "broken.yaml:3:2:" in done.stderr and json.loads(done.stdout)["findings"], done)
(work / "broken.yaml").unlink()
done = run("missing.yaml")
check("a missing file is 2", done.returncode == 2 and "missing.yaml" in done.stderr, done)
check("no input is 2", run().returncode == 2)
check("--fail-on none", run("bad.yaml", "--fail-on", "none").returncode == 0)
check("--fail-on a rule", run("bad.yaml", "--fail-on", "GP202").returncode == 1 and run("bad.yaml", "--fail-on", "GP901").returncode == 1)
check("--fail-on nonsense", run("bad.yaml", "--fail-on", "some").returncode == 2)
done = run("bad.yaml", "--rule", "GP202", "--quiet")
check("--rule and --quiet", done.stdout.count("\n") == 1 and "error: GP202" in done.stdout, done)
done = run("--list")
check("--list", done.returncode == 0 and done.stdout.count("\n") == 127, done)
done = run("--explain", "GP202")
check("--explain", done.returncode == 0 and "How to fix it" in done.stdout and "timeoutSeconds: 30" in done.stdout, done)
done = run("--list", "-o", "json")
check("--list for programs", len(json.loads(done.stdout)["rules"]) == 127, done)
check("--explain of nothing", run("--explain", "GP999").returncode == 2)

run("bad.yaml", "--write-baseline", "baseline.json")
done = run("bad.yaml", "--baseline", "baseline.json")
check("a baseline", done.returncode == 0 and "known from the baseline" in done.stdout, done)
(work / "bad.yaml").write_text("# moved\n" + BAD.replace("- name: gate", "- {name: new.example.com, timeoutSeconds: 30}\n- name: gate"))
done = run("bad.yaml", "--baseline", "baseline.json", "-o", "json")
check("a baseline tells what is new", done.returncode == 1 and any(f["webhook"] == "new.example.com" for f in json.loads(done.stdout)["findings"]), done)
(work / "bad.yaml").write_text(BAD)

(work / ".gatepost.yaml").write_text("exemptions:\n- {rules: [GP202], configuration: gate, reason: slow, until: 2999-01-01}\n")
done = run("bad.yaml", "-o", "json")
check(".gatepost.yaml", done.returncode == 1 and "GP202" not in {f["rule"] for f in json.loads(done.stdout)["findings"]}, done)
(work / ".gatepost.yaml").write_text("exemptions:\n- {rules: [GP202], until: 2999-01-01}\n")
done = run("bad.yaml")
check("a setting that is wrong is 2", done.returncode == 2 and "exemptions[0].reason" in done.stderr, done)
(work / ".gatepost.yaml").unlink()

done = run("bad.yaml", "-o", "sarif")
sarif = json.loads(done.stdout)
results = sarif["runs"][0]["results"]
rules = sarif["runs"][0]["tool"]["driver"]["rules"]
check("sarif", sarif["version"] == "2.1.0" and results and all(rules[r["ruleIndex"]]["id"] == r["ruleId"] and r["level"] in ("error", "warning", "note") for r in results))
suite = xml.dom.minidom.parseString(run("bad.yaml", "-o", "junit").stdout)
check("junit", len(suite.getElementsByTagName("failure")) > 0)
done = run("bad.yaml", "-o", "github")
check("github", "::error file=bad.yaml,line=7,col=3,title=GP202::" in done.stdout, done)
quality = json.loads(run("bad.yaml", "-o", "gitlab").stdout)
check("gitlab", len({q["fingerprint"] for q in quality}) == len(quality) and all(q["location"]["path"] == "bad.yaml" for q in quality))
check("markdown", "| error | GP202 | bad.yaml:7 |" in run("bad.yaml", "-o", "markdown").stdout)
check("html", "GP202" in run("bad.yaml", "-o", "html").stdout)

done = run("bad.yaml", "--diff")
check("--diff shows and does not write", done.returncode == 1 and "\n-  timeoutSeconds: 30 # long\n" in done.stdout and "\n+  timeoutSeconds: 10 # long\n" in done.stdout and (work / "bad.yaml").read_text() == BAD, done)
done = run("bad.yaml", "--fix", "-o", "json")
text = (work / "bad.yaml").read_text()
check("--fix writes and keeps comments", "timeoutSeconds: 10 # long" in text and "values: [kube-system]" in text and "GP202" not in {f["rule"] for f in json.loads(done.stdout)["findings"]}, done)
check("--fix again changes nothing", run("bad.yaml", "--diff").returncode == 0)

chart = work / "chart"
(chart / "templates").mkdir(parents=True)
(chart / "Chart.yaml").write_text("apiVersion: v2\nname: gate\nversion: 0.1.0\n")
(chart / "templates/secret.yaml").write_text('{{- $ca := genCA "gate" 365 }}\nkind: Secret\n')
helm = work / "bin"
helm.mkdir()
(helm / "helm").write_text("#!/bin/sh\ncat <<'X'\n" + BAD + "X\n")
(helm / "helm").chmod(0o755)
done = subprocess.run([GATEPOST, "lint", "--helm-chart", chart, "-o", "json"], capture_output=True, text=True, cwd=work, env={"PATH": f"{helm}:/usr/bin:/bin"})
rules = {f["rule"] for f in json.loads(done.stdout)["findings"]}
check("--helm-chart", done.returncode == 1 and {"GP202", "GP416"} <= rules, done)
done = subprocess.run([GATEPOST, "lint", "--helm-chart", chart], capture_output=True, text=True, cwd=work, env={"PATH": "/nowhere"})
check("no helm is 2", done.returncode == 2 and "helm is not on PATH" in done.stderr, done)
with open(work / "large.yaml", "wb") as large:
    large.truncate(1 << 30)
done = run("large.yaml", "bad.yaml")
check("1 GB is refused, the rest is linted", done.returncode == 2 and "larger than" in done.stderr and "in 1 webhook" in done.stdout, done)
sys.exit(1 if failures else 0)
