#!/usr/bin/env python3
"""Runs the tests, the cheapest first. Called by ./test, which has installed what is needed.

    run.py [--asan | --tsan] [STAGE...]     stages: gates build unit conformance kubectl situations reports cli clients crash fuzz
"""
import argparse
import concurrent.futures
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
TESTS = ROOT / "tests"
JOBS = str(os.cpu_count() or 2)
FUZZ_SECONDS = "10"
# Groups that must pass whole; of the others the count may not fall below the recorded one.
WHOLE_GROUPS = ("guide", "tails", "responses", "matching", "proxy")
# What runs on several threads: the commit thread of the store, look-ups, and the posts between them and the loop.
TSAN_BINARIES = ("test_net", "test_storage", "test_admission")
passed, failed, skipped = [], [], []


def run(command, **options):
    return subprocess.run([str(c) for c in command], cwd=ROOT, **options)


def report(name, ok, detail=""):
    (passed if ok else failed).append(name)
    print(f"{'ok  ' if ok else 'FAIL'} {name}{'  ' + detail if detail else ''}", flush=True)


def skip(name, why):
    skipped.append(name)
    print(f"SKIP {name}  {why}", flush=True)


def setup(function, *words):
    """A function of tools/setup.sh; its last line of output."""
    shell = f'. "{ROOT}/tools/setup.sh"; {function} {" ".join(words)}'
    done = subprocess.run(["bash", "-euc", shell], stdout=subprocess.PIPE, text=True)
    if done.returncode:
        sys.exit(f"{function} {' '.join(words)} failed")
    return done.stdout.strip().splitlines()[-1] if done.stdout.strip() else ""


def tracked(*patterns):
    out = run(["git", "ls-files", "--cached", "--others", "--exclude-standard", *patterns], capture_output=True, text=True).stdout
    return [p for p in out.split() if (ROOT / p).exists()]


# ---- stages


def gates(tree):
    done = run([sys.executable, TESTS / "layering.py"], capture_output=True, text=True)
    report("layering", done.returncode == 0, done.stdout.strip() if done.returncode else "")
    done = run([sys.executable, TESTS / "habits.py"], capture_output=True, text=True)
    report("habits", done.returncode == 0, done.stdout.strip())
    done = run([sys.executable, TESTS / "headers.py"], capture_output=True, text=True)
    report("headers compile alone", done.returncode == 0, done.stdout.strip())
    sources = tracked("src/*.h", "src/*.cpp", "tests/*.h", "tests/*.cpp")
    done = run(["clang-format-19", "--dry-run", "-Werror", *sources], capture_output=True, text=True)
    report("format", done.returncode == 0, "\n".join(done.stderr.splitlines()[:10]))
    shared = ROOT.parent / "shared"
    for folder in ("conformance", "kubectl", "situations", "reports", "cel-spec"):
        if (shared / folder).is_dir() and (TESTS / folder).is_dir():
            done = run(["diff", "-rq", "--exclude=__pycache__", shared / folder, TESTS / folder], capture_output=True, text=True)
            report(f"recorded truth {folder} is whole", done.returncode == 0, done.stdout.strip())


def build(tree):
    setup("build_tree", tree, *(("gatepost", *TSAN_BINARIES) if tree == "tsan" else ("all",)))
    report(f"build {tree}", True)


def test_binaries(tree):
    return sorted(p for p in (ROOT / "out" / tree).glob("test_*") if os.access(p, os.X_OK) and p.is_file())


def unit(tree):
    for binary in test_binaries(tree):
        if tree == "tsan" and binary.name not in TSAN_BINARIES:
            continue
        started = time.monotonic()
        done = run([binary, "--gtest_brief=1"], capture_output=True, text=True, timeout=900)
        text = (done.stdout + done.stderr).strip()
        count = re.search(r"Running (\d+) tests", run([binary, "--gtest_list_tests"], capture_output=True, text=True).stdout)
        counted = re.search(r"(\d+) tests? from", text) or count
        detail = f"{counted.group(1)} tests, " if counted else ""
        report(binary.name, done.returncode == 0, f"{detail}{time.monotonic() - started:.1f} s" if done.returncode == 0 else "\n" + text[-3000:])


def run_fuzzer(binary):
    """One target from its corpus; what it finds stays in out/fuzz/corpus. The name, whether all went well, and what is to be said."""
    name = binary.name
    work = ROOT / "out/fuzz/corpus" / name
    work.mkdir(parents=True, exist_ok=True)
    seeds = TESTS / "fuzz/corpus" / name.removesuffix("_fuzz")
    if not seeds.is_dir() or not any(seeds.iterdir()):
        return name, False, f"has no corpus: {seeds.relative_to(ROOT)}"
    done = run([binary, f"-max_total_time={FUZZ_SECONDS}", "-timeout=5", "-rss_limit_mb=2048", "-print_final_stats=1", "-seed=1",
                f"-artifact_prefix={work}/", work, seeds], capture_output=True, text=True, errors="replace")
    runs = re.search(r"stat::number_of_executed_units: (\d+)", done.stderr)
    good = done.returncode == 0 and runs is not None
    return name, good, f"{runs.group(1)} runs" if good else "\n" + done.stderr[-2000:]


def fuzz(tree):
    # Configured anew each time: what a target links is read from the includes of the sources.
    run(["cmake", "--preset", "fuzz"], stdout=subprocess.DEVNULL, check=True)
    setup("build_tree", "fuzz", "fuzz_targets")
    targets = [ROOT / "out/fuzz" / source.stem for source in sorted((TESTS / "fuzz").glob("*_fuzz.cpp"))]
    with concurrent.futures.ThreadPoolExecutor(int(JOBS)) as pool:
        for result in pool.map(run_fuzzer, targets):
            report(*result)


class Serve:
    """A server of our own for one stage, on a free port, in memory or in a new directory."""

    def __init__(self, tree, *flags, prefix=()):
        self.dir = pathlib.Path(subprocess.check_output(["mktemp", "-d"], text=True).strip())
        (self.dir / "tokens").write_text('usertoken,jane,jane-uid\n')
        self.kubeconfig = self.dir / "kubeconfig"
        self.log = open(self.dir / "log", "w")
        self.process = subprocess.Popen(
            [*prefix, str(ROOT / "out" / tree / "gatepost"), "serve", "--listen", "127.0.0.1:0", "--data", ":memory:",
             "--kubeconfig-out", str(self.kubeconfig), "--token-auth-file", str(self.dir / "tokens"), *flags],
            stdout=subprocess.PIPE, stderr=self.log, text=True)
        line = self.process.stdout.readline()
        if not line.startswith("ready "):
            raise RuntimeError("the server did not start: " + (self.dir / "log").read_text()[-2000:])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        try:
            code = self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            code = "timeout"
        self.log.close()
        if code != 0:
            report("server ends with exit 0 on SIGTERM", False, f"{code}\n" + (self.dir / "log").read_text()[-3000:])
        shutil.rmtree(self.dir, ignore_errors=True)


def in_netns_possible():
    return run([TESTS / "conformance/in-netns", "true"], capture_output=True).returncode == 0


def conformance(tree):
    netns = in_netns_possible()
    command = [sys.executable, str(TESTS / "stage.py"), "conformance", tree]
    if netns:
        command = [str(TESTS / "conformance/in-netns"), *command]
    result = ROOT / "out" / f"conformance-{tree}.json"
    done = run(command + [str(result)], capture_output=True, text=True)
    if not result.exists():
        report("conformance", False, (done.stdout + done.stderr)[-3000:])
        return
    rows = json.loads(result.read_text())
    result.unlink()
    left_out = re.search(r"(\d+) skipped$", done.stdout.strip())
    if not netns:
        skip("conformance scenarios that need services", f"this machine refuses network namespaces: {left_out.group(1)} left out")
    elif left_out.group(1) != "0":
        report("conformance runs whole", False, done.stdout[-500:])
    # Every group that has scenarios is counted, so that none can vanish unseen.
    counts = {path.stem: [0, 0] for path in (TESTS / "conformance/scenarios").glob("*.yaml")}
    for name, differences in rows.items():
        counts[name.split("/")[0]][0] += not differences
        counts[name.split("/")[0]][1] += 1
    landed = json.loads((TESTS / "landed.json").read_text())["conformance"]
    for group, (good, total) in sorted(counts.items()):
        if total == 0 and not netns:
            skip(f"conformance {group}", "all of it needs services")
            continue
        least = max(total, 1) if group in WHOLE_GROUPS else landed[group]
        failing = [n for n, d in rows.items() if d and n.startswith(group + "/")]
        report(f"conformance {group}", good >= least, f"{good}/{total} (at least {least})"
               + (": " + " ".join(failing[:12]) if good < least else ""))


def kubectl(tree):
    landed = json.loads((TESTS / "landed.json").read_text())["kubectl"]
    tools = setup("kubectl_136")
    with Serve(tree) as server:
        done = run([sys.executable, TESTS / "kubectl/transcripts.py", "check", "--kubeconfig", server.kubeconfig, "--kubectl",
                    f"{tools}/kubectl"], capture_output=True, text=True)
    last = re.search(r"(\d+) passed, (\d+) failed", done.stdout)
    good = int(last.group(1)) if last else 0
    report("kubectl 1.36 stories", good >= landed, f"{last.group(0) if last else done.stderr[-2000:]}"
           + ("" if good >= landed else f" (at least {landed})\n" + done.stdout[-3000:]))
    tools = setup("kubectl_120")
    with Serve(tree) as server:
        done = run([sys.executable, TESTS / "kubectl/transcripts.py", "check", "--kubeconfig", server.kubeconfig, "--kubectl",
                    f"{tools}/kubectl", "--stories", TESTS / "clients/kubectl-1.20.yaml", "--recorded",
                    TESTS / "clients/kubectl-1.20.json"], capture_output=True, text=True)
    report("kubectl 1.20", done.returncode == 0, done.stdout.strip()[-3000:])


def situations(tree):
    if not in_netns_possible():
        skip("situations", "this machine refuses network namespaces")
        return
    done = run([TESTS / "conformance/in-netns", sys.executable, TESTS / "stage.py", "situations", tree], capture_output=True, text=True)
    last = re.search(r"(\d+) passed, (\d+) failed", done.stdout)
    report("situations", bool(last) and last.group(2) == "0", last.group(0) if last and last.group(2) == "0" else "\n" + (done.stdout + done.stderr)[-3000:])


def reports(tree):
    """Real reports, each read by the program itself: at least 95 % of the causes and 90 % of the whole reports right."""
    done = run([sys.executable, TESTS / "reports/score.py", "--gatepost", ROOT / "out" / tree / "gatepost", "--quiet", "--at-least", "0.95"],
               capture_output=True, text=True)
    last = re.search(r"(\d+) of (\d+) reports wholly right, causes right ([\d.]+)", done.stdout)
    good = done.returncode == 0 and last and int(last.group(1)) >= 0.9 * int(last.group(2))
    report("reports", good, last.group(0) if last else done.stderr[-1000:])


def cli(tree):
    for script in sorted((TESTS / "cli").glob("*.py")):
        done = run([sys.executable, script, ROOT / "out" / tree / "gatepost"], capture_output=True, text=True, timeout=600)
        report(f"cli {script.stem}", done.returncode == 0, "" if done.returncode == 0 else "\n" + (done.stdout + done.stderr)[-3000:])


def go_clients(tree):
    """client-go and controller-runtime, by envtest with this server's assets."""
    go = setup("go_toolchain")
    with tempfile.TemporaryDirectory() as work:
        run([ROOT / "out" / tree / "gatepost", "envtest-assets", work], check=True, stdout=subprocess.DEVNULL)
        for name in ("etcd", "kube-apiserver"):
            report(f"{name} of the assets answers --help", run([f"{work}/{name}", "--help"], capture_output=True).returncode == 0)
        started = time.monotonic()
        done = subprocess.run([f"{go}/go", "test", "-count=1", "-vet=off", "./..."], cwd=TESTS / "clients/go", capture_output=True, text=True,
                              env={**os.environ, "PATH": f"{go}:{os.environ['PATH']}", "KUBEBUILDER_ASSETS": work, "GOFLAGS": "-mod=mod", "GOTOOLCHAIN": "local"})
        good = done.returncode == 0
        report("Go: client-go and controller-runtime", good, f"{time.monotonic() - started:.0f} s" if good else "\n" + (done.stdout + done.stderr)[-4000:])


def clients(tree):
    """Unmodified clients against the server: helm and the Python client."""
    tools = setup("kubectl_136")
    python = {**os.environ, "PYTHONPATH": setup("python_client")}
    for name, command in (("helm", [f"{tools}/helm", f"{tools}/kubectl"]), ("python", [])):
        started = time.monotonic()
        with Serve(tree) as server:
            done = run([sys.executable, TESTS / "clients" / name / f"{name}.py", server.kubeconfig, *command], capture_output=True, text=True, env=python)
        good = done.returncode == 0
        report(f"{name} client", good, f"{time.monotonic() - started:.0f} s" if good else "\n" + (done.stdout + done.stderr)[-3000:])


def crash(tree):
    done = run([sys.executable, TESTS / "crash/crash.py", ROOT / "out" / tree / "gatepost", "--rounds", "1"], capture_output=True, text=True)
    report("kill -9 loses nothing acknowledged", done.returncode == 0, (done.stdout + done.stderr)[-1500:] if done.returncode else "")


STAGES = {"gates": gates, "build": build, "unit": unit, "conformance": conformance, "kubectl": kubectl, "situations": situations,
          "reports": reports, "cli": cli, "clients": clients, "crash": crash, "go_clients": go_clients, "fuzz": fuzz}
# The sanitizer trees have no use for the gates, the fuzz targets have a tree of their own (with sanitizers; `./test fuzz`),
# the clients in Go take long to compile (`./test go_clients`), and of what runs on one thread TSan has nothing to say.
OWN_STAGES = ("fuzz", "go_clients")
DEFAULT_STAGES = {"release": [s for s in STAGES if s not in OWN_STAGES], "asan": [s for s in STAGES if s not in ("gates", *OWN_STAGES)],
                  "tsan": ["build", "unit", "cli", "crash"]}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--asan", action="store_true")
    parser.add_argument("--tsan", action="store_true")
    parser.add_argument("stages", nargs="*")
    args = parser.parse_args()
    tree = "asan" if args.asan else "tsan" if args.tsan else "release"
    stages = args.stages or DEFAULT_STAGES[tree]
    for stage in stages:
        started = time.monotonic()
        STAGES[stage](tree)
        print(f"---- {stage}: {time.monotonic() - started:.0f} s", flush=True)
    print(f"{len(passed)} passed, {len(failed)} failed, {len(skipped)} skipped")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
