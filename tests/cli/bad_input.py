#!/usr/bin/env python3
"""What `gatepost serve` says of input and surroundings that are wrong: one line that names what and where, exit code 2,
and nothing overwritten. bad_input.py GATEPOST"""
import http.client, json, pathlib, re, socket, ssl, subprocess, sys, tempfile

failures = []
program = sys.argv[1]
work = pathlib.Path(tempfile.mkdtemp())


def expect(name, ok, seen=""):
    print(f"{'ok  ' if ok else 'FAIL'} {name} {'' if ok else seen}")
    if not ok:
        failures.append(name)


def serve(*flags, listen="127.0.0.1:0"):
    return subprocess.run([program, "serve", "--listen", listen, *flags], capture_output=True, text=True, timeout=30)


def refused(name, *flags, says, listen="127.0.0.1:0"):
    done = serve(*flags, listen=listen)
    lines = done.stderr.strip().splitlines()
    ok = done.returncode == 2 and len(lines) == 1 and re.search(says, lines[0]) and done.stdout == ""
    expect(name, ok, (done.returncode, done.stdout, done.stderr[-800:]))


def start(*flags):
    process = subprocess.Popen([program, "serve", "--listen", "127.0.0.1:0", *flags], stdout=subprocess.PIPE,
                               stderr=subprocess.DEVNULL, text=True)
    return process, process.stdout.readline()


def stop(process):
    process.terminate()
    return process.wait(20)


memory = ("--data", ":memory:", "--kubeconfig-out", str(work / "k"))

taken = socket.create_server(("127.0.0.1", 0))
port = taken.getsockname()[1]
refused("a port that is taken", *memory, listen=f"127.0.0.1:{port}", says=rf"127\.0\.0\.1:{port}.*address already in use")
taken.close()
refused("an address that is none", *memory, listen="nowhere", says="nowhere")
refused("a token file that is not there", *memory, "--token-auth-file", str(work / "none"), says=str(work / "none"))
(work / "bad-tokens").write_text("secret-token,jane\n")
done = serve(*memory, "--token-auth-file", str(work / "bad-tokens"))
expect("a token file with too few columns names file and line, never the token",
       done.returncode == 2 and str(work / "bad-tokens") in done.stderr and "1" in done.stderr and "secret-token" not in done.stderr,
       (done.returncode, done.stderr))
refused("a kubeconfig that cannot be written", "--data", ":memory:", "--kubeconfig-out", "/nonexistent/folder/k",
        says="/nonexistent/folder/k")

(work / "file").write_text("mine")
refused("a data directory that is a file", "--data", str(work / "file"), says=str(work / "file"))
expect("... which stays as it was", (work / "file").read_text() == "mine")

broken = work / "broken"
process, line = start("--data", str(broken), "--kubeconfig-out", str(work / "k2"))
expect("a new data directory is made", line.startswith("ready "), line)
second = serve("--data", str(broken), "--kubeconfig-out", str(work / "k3"))
expect("a second process on the directory is refused",
       second.returncode == 2 and str(broken) in second.stderr and len(second.stderr.strip().splitlines()) == 1,
       (second.returncode, second.stderr))
expect("... and leaves no kubeconfig", not (work / "k3").exists())
expect("SIGTERM ends with exit 0", stop(process) == 0)
stores = [p for p in broken.rglob("*") if p.is_file() and p.read_bytes()[:15] == b"SQLite format 3"]
expect("the store is there", len(stores) == 1, list(broken.rglob("*")))
for extra in broken.rglob(stores[0].name + "-*"):
    extra.unlink()
text = b"this is no database" * 500
stores[0].write_bytes(text)
refused("a store that is broken", "--data", str(broken), "--kubeconfig-out", str(work / "k2"), says=str(broken))
expect("... which stays as it was", stores[0].read_bytes() == text)

process, line = start(*memory)
url, token = line.split()[1], re.search(r"token: (\S+)", (work / "k").read_text()).group(1)
for size, status in ((3 << 20, 400), ((3 << 20) + 1, 413)):
    connection = http.client.HTTPSConnection(url.removeprefix("https://"), context=ssl._create_unverified_context(), timeout=20)
    connection.request("POST", "/api/v1/namespaces/default/configmaps", "x" * size, {"Authorization": "Bearer " + token, "Content-Type": "application/json"})
    answer = connection.getresponse()
    body = json.loads(answer.read())
    expect(f"a body of {size} bytes is answered {status}", answer.status == status and body.get("kind") == "Status", (answer.status, body))
expect("SIGTERM ends with exit 0 after them", stop(process) == 0)

done = subprocess.run([program, "nothing"], capture_output=True, text=True)
expect("a command that is none", done.returncode == 2 and done.stdout == "", (done.returncode, done.stdout))
done = serve(*memory, "--no-such-flag")
expect("a flag that is none", done.returncode == 2 and "--no-such-flag" in done.stderr, (done.returncode, done.stderr))
sys.exit(1 if failures else 0)
