#!/usr/bin/env python3
"""Fails when a header does not compile alone. A header that some unit includes before anything else has been shown to by
every build; the others are compiled here, each as a unit of its own in out/headers (ccache knows those that stayed)."""
import concurrent.futures
import os
import pathlib
import re
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
WORK = ROOT / "out/headers"
FLAGS = ["-std=c++20", "-O0", "-w", "-Isrc", "-Itests", '-DGATEPOST_VERSION="0"', '-DTEST_DATA_DIR="."',
         "-DBOOST_ASIO_NO_DEPRECATED", "-DBOOST_ASIO_SEPARATE_COMPILATION"]


def headers():
    for top in ("src", "tests"):
        for path in sorted((ROOT / top).rglob("*.h")):
            yield path.relative_to(ROOT / top).as_posix()


def shown_by_a_unit():
    shown = set()
    for top in ("src", "tests"):
        for unit in (ROOT / top).rglob("*.cpp"):
            first = re.search(r'^#\s*include\s+"([^"]+)"|^#\s*include\s+<', unit.read_text(), re.M)
            if first and first.group(1):
                shown.add(first.group(1))
    return shown


def compile_alone(header):
    unit = WORK / (re.sub(r"\W", "_", header) + ".cpp")
    text = f'#include "{header}"\n'
    if not unit.exists() or unit.read_text() != text:
        unit.write_text(text)
    command = ["clang++-19", *FLAGS, "-c", unit.relative_to(ROOT), "-o", unit.with_suffix(".o").relative_to(ROOT)]
    if shutil.which("ccache"):
        command.insert(0, "ccache")
    environment = {**os.environ, "CCACHE_BASEDIR": str(ROOT), "CCACHE_NOHASHDIR": "1"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    return "" if done.returncode == 0 else f"{header} does not compile alone:\n{done.stderr[:1500]}"


def main():
    WORK.mkdir(parents=True, exist_ok=True)
    shown = shown_by_a_unit()
    alone = [header for header in headers() if header not in shown]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 2) as pool:
        complaints = [text for text in pool.map(compile_alone, alone) if text]
    print("\n".join(complaints) or f"{len(alone)} headers compiled alone, {len(shown)} shown by a unit")
    sys.exit(1 if complaints else 0)


if __name__ == "__main__":
    main()
