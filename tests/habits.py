#!/usr/bin/env python3
"""Fails on what CONTRIBUTING.md forbids and a script can see: files that have grown too long, notes to do something later,
and fuzz targets without a corpus."""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
LONGEST = 600
LATER = re.compile(r"\b(TODO|FIXME|XXX)\b")


def complaints():
    for top in ("src", "tests", "bench"):
        for path in sorted((ROOT / top).rglob("*")):
            if path.suffix not in (".h", ".cpp"):
                continue
            lines = path.read_text().splitlines()
            name = path.relative_to(ROOT).as_posix()
            if len(lines) > LONGEST:
                yield f"{name}: {len(lines)} lines, more than {LONGEST}: split it by what it holds"
            for number, line in enumerate(lines, 1):
                if LATER.search(line):
                    yield f"{name}:{number}: {line.strip()}"
    for target in sorted((ROOT / "tests/fuzz").glob("*_fuzz.cpp")):
        corpus = ROOT / "tests/fuzz/corpus" / target.stem.removesuffix("_fuzz")
        if not corpus.is_dir() or not any(corpus.iterdir()):
            yield f"{target.relative_to(ROOT)}: no corpus in {corpus.relative_to(ROOT)}"


if __name__ == "__main__":
    found = list(complaints())
    print("\n".join(found))
    sys.exit(1 if found else 0)
