#!/usr/bin/env python3
"""The part of a stage that runs inside a network namespace: stage.py conformance TREE RESULT.json | situations TREE"""
import pathlib
import subprocess
import sys

import run

TESTS = pathlib.Path(__file__).resolve().parent


def conformance(tree, result):
    with run.Serve(tree) as server:
        done = subprocess.run([sys.executable, TESTS / "conformance/conformance.py", "check", "--kubeconfig", server.kubeconfig,
                               "--json", result], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        print(done.stdout)


def situations(tree):
    with run.Serve(tree) as server:
        done = subprocess.run([sys.executable, TESTS / "situations/situations.py", "--kubeconfig", server.kubeconfig,
                               "--gatepost", run.ROOT / "out" / tree / "gatepost"],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        print(done.stdout)


if __name__ == "__main__":
    {"conformance": conformance, "situations": situations}[sys.argv[1]](*sys.argv[2:])
