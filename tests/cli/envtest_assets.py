#!/usr/bin/env python3
"""The stand-ins of `gatepost envtest-assets` as envtest starts them, and what is left when a test dies: envtest_assets.py GATEPOST"""
import json, os, pathlib, signal, socket, ssl, subprocess, sys, tempfile, textwrap, time, urllib.request

failures = []


def expect(name, ok, seen=""):
    print(f"{'ok  ' if ok else 'FAIL'} {name} {'' if ok else seen}")
    if not ok:
        failures.append(name)


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def get(url):
    trust_nobody = ssl._create_unverified_context()
    try:
        with urllib.request.urlopen(url, timeout=5, context=trust_nobody) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


def wait_for(condition, seconds=10):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if condition():
            return True
        time.sleep(0.02)
    return False


work = pathlib.Path(tempfile.mkdtemp())
assets = work / "assets"
done = subprocess.run([sys.argv[1], "envtest-assets", assets], capture_output=True, text=True)
expect("the directory is written", done.returncode == 0 and done.stdout == f"export KUBEBUILDER_ASSETS={assets}\n", done)
again = subprocess.run([sys.argv[1], "envtest-assets", assets], capture_output=True, text=True)
expect("and written again", again.returncode == 0, again)
done = subprocess.run([sys.argv[1], "envtest-assets"], capture_output=True, text=True)
expect("without a directory it says so", done.returncode == 2 and "one directory is needed" in done.stderr, done)

done = subprocess.run([assets / "etcd", "--help"], capture_output=True, text=True)
expect("etcd --help shows --unsafe-no-fsync", done.returncode == 0 and "\n      --unsafe-no-fsync" in done.stdout, done)
done = subprocess.run([assets / "kube-apiserver", "--help"], capture_output=True, text=True)
expect("kube-apiserver --help has no --insecure-port", done.returncode == 0 and "insecure-port" not in done.stdout)
done = subprocess.run([assets / "kube-apiserver", "--unheard-of=1"], capture_output=True, text=True)
expect("an unknown flag is named", done.returncode == 1 and done.stderr == "Error: unknown flag: --unheard-of\n", done)
done = subprocess.run([assets / "kube-apiserver", "--etcd-servers=http://127.0.0.1:1"], capture_output=True, text=True)
expect("an etcd that is not there is named", done.returncode == 1 and "no etcd answers at http://127.0.0.1:1" in done.stderr, done)
done = subprocess.run([assets / "kubectl", "version"], capture_output=True, text=True, env={"PATH": str(assets)})
expect("no kubectl on PATH is told", done.returncode == 1 and "install kubectl" in done.stderr, done)


def start(directory, etcd_port, port, which=("etcd", "kube-apiserver")):
    """As controller-runtime starts them; the processes."""
    out = []
    if "etcd" in which:
        out.append(subprocess.Popen([assets / "etcd", f"--data-dir={directory}/etcd", f"--listen-client-urls=http://127.0.0.1:{etcd_port}",
                                     f"--advertise-client-urls=http://127.0.0.1:{etcd_port}", "--listen-peer-urls=http://127.0.0.1:0", "--unsafe-no-fsync=true"]))
        assert wait_for(lambda: get(f"http://127.0.0.1:{etcd_port}/health") == 200)
    out.append(subprocess.Popen([assets / "kube-apiserver", f"--cert-dir={directory}/certs", f"--etcd-servers=http://127.0.0.1:{etcd_port}", f"--secure-port={port}",
                                 "--bind-address=127.0.0.1", "--authorization-mode=AlwaysAllow", "--service-cluster-ip-range=10.0.0.0/24",
                                 "--allow-privileged=true", "--disable-admission-plugins=ServiceAccount"], stderr=subprocess.DEVNULL))
    assert wait_for(lambda: get(f"https://127.0.0.1:{port}/healthz") == 200)
    return out


# What is stored outlives the API server as long as etcd is there, and two sets side by side know nothing of each other.
ports = [(free_port(), free_port()) for _ in range(2)]
sets = [start(work / f"set{i}", *pair) for i, pair in enumerate(ports)]
url = f"https://127.0.0.1:{ports[0][1]}/api/v1/namespaces/default/configmaps"
request = urllib.request.Request(url, json.dumps({"metadata": {"name": "kept"}}).encode(), {"Content-Type": "application/json"})
with urllib.request.urlopen(request, timeout=5, context=ssl._create_unverified_context()) as answer:
    expect("AlwaysAllow lets anonymous write", answer.status == 201)
sets[0][1].terminate()
expect("SIGTERM ends the API server with exit 0", sets[0][1].wait(5) == 0)
sets[0][1:] = start(work / "set0", *ports[0], which=("kube-apiserver",))
expect("a restarted API server has its objects", get(url + "/kept") == 200)
expect("its neighbour has not", get(url.replace(str(ports[0][1]), str(ports[1][1])) + "/kept") == 404)
with urllib.request.urlopen(url.replace("configmaps", "services/kubernetes"), timeout=5, context=ssl._create_unverified_context()) as answer:
    expect("Services have addresses of the range", json.load(answer)["spec"]["clusterIP"] == "10.0.0.1")
for process in sum(sets, []):
    process.terminate()
expect("all end with exit 0", [p.wait(5) for p in sum(sets, [])] == [0] * 4)

# The parent is killed without a word: its children end, and the directories that envtest made go too.
temporary = work / "tmp"
temporary.mkdir()
parent = textwrap.dedent(f"""
    import os, subprocess, sys, time
    for name in ("etcd", "certs"):
        os.mkdir({str(temporary)!r} + "/k8s_test_framework_" + name)
    e = subprocess.Popen([{str(assets / "etcd")!r}, "--data-dir={temporary}/k8s_test_framework_etcd", "--listen-client-urls=http://127.0.0.1:{ports[0][0]}"])
    time.sleep(0.3)
    a = subprocess.Popen([{str(assets / "kube-apiserver")!r}, "--cert-dir={temporary}/k8s_test_framework_certs", "--etcd-servers=http://127.0.0.1:{ports[0][0]}",
                          "--secure-port={ports[0][1]}", "--bind-address=127.0.0.1"], stderr=subprocess.DEVNULL)
    print(e.pid, a.pid, flush=True)
    time.sleep(60)
""")
test = subprocess.Popen([sys.executable, "-c", parent], stdout=subprocess.PIPE, text=True, env={**os.environ, "TMPDIR": str(temporary)})
children = [int(word) for word in test.stdout.readline().split()]
expect("the children serve", wait_for(lambda: get(f"https://127.0.0.1:{ports[0][1]}/healthz") == 200))
test.send_signal(signal.SIGKILL)
test.wait()
expect("both children end with their parent", wait_for(lambda: not any(os.path.exists(f"/proc/{pid}/exe") for pid in children)), children)
expect("and leave nothing behind", wait_for(lambda: not list(temporary.iterdir())), list(temporary.iterdir()))

sys.exit(1 if failures else 0)
