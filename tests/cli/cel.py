#!/usr/bin/env python3
"""`gatepost cel`: expressions, documents, vectors and what it refuses: cel.py GATEPOST"""
import json, pathlib, subprocess, sys, tempfile

failures = []
work = pathlib.Path(tempfile.mkdtemp())
SPEC = pathlib.Path(__file__).resolve().parent.parent / "cel-spec"
(work / "pod.yaml").write_text("kind: Pod\nmetadata:\n  name: probe\nspec:\n  containers:\n  - name: a\n  - name: b\n")
(work / "request.json").write_text(json.dumps({"operation": "CREATE", "userInfo": {"username": "jane"}}))
(work / "broken.yaml").write_text("a: [")
(work / "vectors.jsonl").write_text('{"name":"one","expr":"1 + 1","value":{"int64Value":"2"}}\n{"name":"two","expr":"1 + 1","value":{"int64Value":"3"}}\n')


def run(name, code, parts, *arguments):
    done = subprocess.run([sys.argv[1], "cel", *map(str, arguments)], capture_output=True, text=True, timeout=60)
    seen = done.stdout + done.stderr
    ok = done.returncode == code and all(p in seen for p in parts)
    print(f"{'ok  ' if ok else 'FAIL'} {name}" + ("" if ok else f" exit {done.returncode}: {seen}"))
    if not ok:
        failures.append(name)
    return done


run("an expression", 0, ["type: int", "result: 3", "cost: "], "1 + 2")
run("an object from YAML", 0, ["result: 2"], "object.spec.containers.size()", "--object", work / "pod.yaml")
run("a request", 0, ["result: true"], "request.userInfo.username == 'jane'", "--request", work / "request.json")
run("no old object", 0, ["result: true"], "oldObject == null")
run("a compile error", 1, ["undeclared reference to 'nobody'"], "nobody")
run("an evaluation error", 1, ["error: "], "1 / 0")
run("a broken document", 2, ["broken.yaml"], "object", "--object", work / "broken.yaml")
run("a missing document", 2, ["missing.yaml"], "object", "--object", work / "missing.yaml")
run("nothing to do", 2, ["gatepost cel: "])
done = run("vectors", 1, ["1 passed, 1 failed, 0 skipped"], "--vectors", work / "vectors.jsonl")
if done.stdout.rstrip("\n").split("\n")[-1] != "1 passed, 1 failed, 0 skipped":
    failures.append("the counts are the last line")
run("vectors of the language", 0, [" 0 failed"], "--vectors", SPEC / "basic.jsonl", "--vectors", SPEC / "lists.jsonl")
sys.exit(1 if failures else 0)
