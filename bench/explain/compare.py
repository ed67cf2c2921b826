#!/usr/bin/env python3
"""Best of five runs of each, taken in turn; prints the ratio and the largest resident memory. Exit 1 above 1.3 or 64 MiB."""
import os
import subprocess
import sys
import time

gatepost, log = sys.argv[1:3]


def run(command):
    start = time.monotonic()
    child = subprocess.Popen(command, stdout=subprocess.PIPE)  # grep stops at its first match when it writes to /dev/null
    child.stdout.read()
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    return time.monotonic() - start, usage.ru_maxrss


grep, explain, memory = [], [], 0
for _ in range(5):
    grep.append(run(["grep", "-c", "-F", "failed calling", log])[0])
    seconds, kib = run([gatepost, "explain", "-o", "json", log])
    explain.append(seconds)
    memory = max(memory, kib)
ratio = min(explain) / min(grep)
print(f"grep {min(grep):.3f} s, explain {min(explain):.3f} s, ratio {ratio:.2f} (at most 1.3), {memory / 1024:.1f} MiB (at most 64)")
sys.exit(ratio > 1.3 or memory > 64 * 1024)
