#!/usr/bin/env python3
"""The pages of causes name only commands, faults and files that exist, and what they say to reproduce works: pages.py GATEPOST"""
import pathlib, re, subprocess, sys

GATEPOST = sys.argv[1]
ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
failures = []


def words(*arguments):
    done = subprocess.run([GATEPOST, *arguments], capture_output=True, text=True)
    return {line.split()[0] for line in done.stdout.split("\n") if line.strip()}


commands, faults = words("--help"), words("backend", "--fault", "list")
for page in sorted((ROOT / "docs" / "causes").glob("*.md")):
    text = page.read_text()
    quoted = "\n".join(re.findall(r"`([^`\n]+)`", text))
    for command in re.findall(r"\bgatepost ([a-z][a-z-]*)", quoted):
        if command not in commands and command not in ("help",):
            failures.append(f"{page.name}: there is no command {command}")
    for fault in re.findall(r"--fault ([\w-]+)", quoted):
        if fault not in faults:
            failures.append(f"{page.name}: there is no fault {fault}")
    for path in re.findall(r"\bdocs/[\w./-]+\.yaml", quoted):
        if not (ROOT / path).exists():
            failures.append(f"{page.name}: there is no file {path}")
    printed = subprocess.run([GATEPOST, "explain", page.stem], capture_output=True, text=True)
    if printed.returncode or not printed.stdout.startswith(page.stem + "\n"):
        failures.append(f"{page.name}: explain {page.stem} does not print it")
    if "## Behind" not in text and page.stem not in ("unrelated", "truncated") and "\n## Reproduce\n" not in text:
        failures.append(f"{page.name}: does not say how to reproduce it")
print("\n".join(failures) or "ok   every page")
sys.exit(1 if failures else 0)
