#!/usr/bin/env python3
"""Measures assets of envtest: envtest.py --suite BINARY --folder DIR [--rounds N] NAME=ASSETS...

One START line (milliseconds from the first process to a ready API server, etcd included) and one SUITE line (seconds) for each NAME."""
import argparse
import os
import pathlib
import re
import shutil
import socket
import ssl
import statistics
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

TRUST_ANYBODY = ssl._create_unverified_context()


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def wait_until_ok(url, process, seconds=60):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(url, timeout=5, context=TRUST_ANYBODY) as answer:
                if answer.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            pass
        if process.poll() is not None:
            raise SystemExit(f"{process.args[0]} ended with {process.returncode}")
        time.sleep(0.001)
    raise SystemExit(f"{url} is not ready after {seconds} s")


def start_once(assets):
    """Milliseconds until etcd is healthy, and until the API server behind it is too."""
    work = pathlib.Path(tempfile.mkdtemp())
    etcd_port, peer_port, port = free_port(), free_port(), free_port()
    key = work / "sa.key"
    subprocess.run(["openssl", "genrsa", "-out", key, "2048"], check=True, capture_output=True)
    began = time.monotonic()
    etcd = subprocess.Popen([f"{assets}/etcd", f"--data-dir={work}/etcd", f"--listen-client-urls=http://127.0.0.1:{etcd_port}",
                             f"--advertise-client-urls=http://127.0.0.1:{etcd_port}", f"--listen-peer-urls=http://127.0.0.1:{peer_port}", "--unsafe-no-fsync=true"],
                            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    server = None
    try:
        wait_until_ok(f"http://127.0.0.1:{etcd_port}/health", etcd)
        healthy = time.monotonic()
        server = subprocess.Popen([f"{assets}/kube-apiserver", f"--cert-dir={work}/certs", f"--etcd-servers=http://127.0.0.1:{etcd_port}", f"--secure-port={port}",
                                   "--bind-address=127.0.0.1", "--authorization-mode=RBAC", "--service-cluster-ip-range=10.0.0.0/24", "--allow-privileged=true",
                                   "--disable-admission-plugins=ServiceAccount", f"--service-account-issuer=https://127.0.0.1:{port}/",
                                   f"--service-account-key-file={key}", f"--service-account-signing-key-file={key}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_until_ok(f"https://127.0.0.1:{port}/readyz", server)
        return (healthy - began) * 1000, (time.monotonic() - began) * 1000
    finally:
        for process in (server, etcd):
            if process:
                process.terminate()
                process.wait(30)
        shutil.rmtree(work, ignore_errors=True)


def suite_once(binary, folder, assets):
    """Seconds of the whole suite, and the milliseconds that envtest itself took to start and install."""
    began = time.monotonic()
    done = subprocess.run([binary], cwd=folder, capture_output=True, text=True, env={**os.environ, "KUBEBUILDER_ASSETS": assets})
    if done.returncode:
        raise SystemExit(f"the suite fails on {assets}:\n{(done.stdout + done.stderr)[-3000:]}")
    installed = re.search(r"installed in (\d+) ms", done.stdout)
    return time.monotonic() - began, int(installed.group(1)) if installed else 0


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--suite", required=True)
    parser.add_argument("--folder", required=True)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("assets", nargs="+", metavar="NAME=ASSETS")
    args = parser.parse_args()
    for name, assets in (pair.split("=", 1) for pair in args.assets):
        starts = [start_once(assets) for _ in range(args.rounds)]
        ready = [whole for _, whole in starts]
        print(f"START {name} ready_ms median {statistics.median(ready):.0f} least {min(ready):.0f} most {max(ready):.0f} "
              f"etcd_ms {statistics.median(etcd for etcd, _ in starts):.0f}", flush=True)
        suites = [suite_once(args.suite, args.folder, assets) for _ in range(args.rounds)]
        seconds = [whole for whole, _ in suites]
        print(f"SUITE {name} seconds median {statistics.median(seconds):.1f} least {min(seconds):.1f} most {max(seconds):.1f} "
              f"start_and_install_ms {statistics.median(installed for _, installed in suites):.0f}", flush=True)


if __name__ == "__main__":
    main()
