#!/usr/bin/env python3
"""Kills `gatepost serve` in the middle of its writes and looks whether anything acknowledged was lost.

    crash.py GATEPOST [--rounds N]

Writers create, change and remove ConfigMaps over HTTPS and note each answer; after a while the server gets SIGKILL and is
started again on the same directory. Then every object must be as its last acknowledged write left it, or as a write under
way would have made it. Done at both durabilities. Exit 0: nothing lost; 1: something was; 2: the server did not start.
"""
import argparse, http.client, json, os, ssl, signal, subprocess, sys, tempfile, threading, time
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
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
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
                time.sleep(0.3 + 0.2 * round_number)
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
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
