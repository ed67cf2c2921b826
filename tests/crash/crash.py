#!/usr/bin/env python3
"""Kills `gatepost serve` in the middle of its writes and looks whether anything acknowledged was lost.

    crash.py GATEPOST [--rounds N]

Writers create, change and remove ConfigMaps over HTTPS and note each answer; after a while the server gets SIGKILL and is
started again on the same directory. Then every object must be as its last acknowledged write left it, or as a write under
way would have made it. Done at both durabilities, and once more with a disk that fills up first: writes that do not fit are
refused with a Status, reads and later writes go on. Exit 0: nothing lost; 1: something was; 2: the server did not start.
"""
import argparse, http.client, json, os, resource, ssl, signal, subprocess, sys, tempfile, threading, time
from urllib.parse import urlsplit

WRITERS = 8
PATH = "/api/v1/namespaces/default/configmaps"


class Server:
    def __init__(self, program, directory, durability):
        tokens = os.path.join(directory, "tokens.csv")
        with open(tokens, "w") as f:
            f.write('crash-token,tester,1,"system:masters"\n')
        self.process = subprocess.Popen(
            [program, "serve", "--listen", "127.0.0.1:0", "--data", os.path.join(directory, "data"), "--durability",
             durability, "--kubeconfig-out", os.path.join(directory, "kubeconfig"), "--token-auth-file", tokens],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
            restore_signals=False)  # SIGXFSZ stays ignored: a write beyond the limit fails, as on a full disk
        line = self.process.stdout.readline().split()
        if not line or line[0] != "ready":
            print("the server did not start", file=sys.stderr)
            sys.exit(2)
        self.address = urlsplit(line[1]).netloc

    def connect(self):
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        return http.client.HTTPSConnection(self.address, context=context, timeout=10)

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


def call(connection, method, path, body=None):
    headers = {"Authorization": "Bearer crash-token", "Content-Type": "application/json"}
    connection.request(method, path, None if body is None else json.dumps(body), headers)
    answer = connection.getresponse()
    return answer.status, json.loads(answer.read())


def write(server, number, round_number, known, attempted):
    """known: name -> value or None when removed, as acknowledged; attempted: the same for the write under way."""
    try:
        connection = server.connect()
        for i in range(1000000):
            name = f"w{number}-{round_number}-{i}"
            steps = [("POST", PATH, "made")]
            if i % 2 == 0:
                steps.append(("PUT", f"{PATH}/{name}", "changed"))
            if i % 3 == 0:
                steps.append(("DELETE", f"{PATH}/{name}", None))
            for method, path, value in steps:
                body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": {"value": value}}
                attempted[name] = value
                status, answer = call(connection, method, path, None if value is None else body)
                if status not in (200, 201):
                    raise RuntimeError(f"{method} {path}: {status} {answer}")
                known[name] = value
    except (OSError, http.client.HTTPException, ValueError):
        pass  # the server is gone, as it should be


def check(server, known, attempted):
    status, answer = call(server.connect(), "GET", PATH)
    assert status == 200, answer
    present = {o["metadata"]["name"]: o.get("data", {}).get("value") for o in answer["items"]}
    lost = [f"{name}: acknowledged {value!r}, found {present.get(name)!r}" for name, value in known.items()
            if present.get(name) not in (value, attempted[name])]
    return lost


def fill_disk(program, durability):
    """What went wrong, as lines."""
    problems = []

    def expect(what, good):
        if not good:
            problems.append(what)

    with tempfile.TemporaryDirectory() as directory:
        server = Server(program, directory, durability)
        connection = server.connect()
        unlimited = resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (1 << 20, unlimited[1]))
        acknowledged, refused = {}, 0
        for i in range(200):
            name, value = f"big-{i}", str(i) * 20000
            body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": {"value": value}}
            status, answer = call(connection, "POST", PATH, body)
            if status == 201:
                acknowledged[name] = value
                continue
            refused += 1
            expect(f"refusal {refused}: {status} {answer}", status == 500 and answer.get("kind") == "Status" and answer.get("code") == 500)
            expect(f"{name} is there although it was refused", call(connection, "GET", f"{PATH}/{name}")[0] == 404)
            if refused == 3:
                break
        expect(f"{len(acknowledged)} writes went well, {refused} were refused", len(acknowledged) > 3 and refused == 3)
        resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, unlimited)
        body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "after"}, "data": {"value": "x"}}
        status, answer = call(connection, "POST", PATH, body)
        expect(f"with room again: {status} {answer}", status == 201)
        acknowledged["after"] = "x"
        server.kill()
        server = Server(program, directory, durability)
        problems += check(server, acknowledged, acknowledged)
        server.kill()
    return problems


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    failed = False
    for durability in ("full", "relaxed"):
        with tempfile.TemporaryDirectory() as directory:
            known, attempted = {}, {}
            for round_number in range(options.rounds):
                server = Server(options.program, directory, durability)
                lost = check(server, known, attempted)
                threads = [threading.Thread(target=write, args=(server, n, round_number, known, attempted))
                           for n in range(WRITERS)]
                for thread in threads:
                    thread.start()
                # By what was acknowledged, not by time: a busy machine may do nothing at all for a while.
                enough, latest = len(known) + 100, time.monotonic() + 30
                while len(known) < enough and time.monotonic() < latest:
                    time.sleep(0.02)
                time.sleep(0.1 + 0.1 * round_number)
                server.kill()
                for thread in threads:
                    thread.join()
                if lost:
                    break
            server = Server(options.program, directory, durability)
            lost = lost or check(server, known, attempted)
            server.kill()
            for line in lost[:10]:
                print(f"LOST {durability} {line}")
            print(f"crash {durability}: {options.rounds} kills, {len(known)} objects acknowledged, {len(lost)} lost")
            failed = failed or bool(lost) or len(known) < 10
        problems = fill_disk(options.program, durability)
        for line in problems[:10]:
            print(f"FULL DISK {durability} {line}")
        print(f"full disk {durability}: {len(problems)} problems")
        failed = failed or bool(problems)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
