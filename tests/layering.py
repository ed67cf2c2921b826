#!/usr/bin/env python3
"""Fails when a file of src/ includes a folder above its own (the order is GATEPOST_LAYERS in cmake/layers.cmake), when a
heavy header is included outside the one unit that may, or when docs/architecture.md does not name every folder."""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src"
# Headers that cost seconds a unit: who includes them is who pays.
HEAVY = {
    r"CLI/": {"src/cli/flags.cpp"},
    r"boost/json/src\.hpp": {"src/json/boost_json.cpp"},
    r"boost/asio/impl/src\.hpp": {"src/net/asio.cpp"},
    r"nghttp2/": {"src/net/http2/session.cpp"},
    r"boost/beast|boost/asio/ssl": set(),
}


def layers():
    text = (ROOT / "cmake/layers.cmake").read_text()
    return re.search(r"set\(GATEPOST_LAYERS ([^)]*)\)", text).group(1).split()


def complaints():
    order = {name: i for i, name in enumerate(layers())}
    architecture = (ROOT / "docs/architecture.md").read_text()
    for folder in sorted(p.name for p in SOURCE.iterdir() if p.is_dir()):
        if folder not in order:
            yield f"src/{folder}: not a layer of cmake/layers.cmake"
        if f"src/{folder}/" not in architecture:
            yield f"docs/architecture.md does not name src/{folder}/"
    for path in sorted(SOURCE.rglob("*")):
        if path.suffix not in (".h", ".cpp"):
            continue
        relative = path.relative_to(ROOT).as_posix()
        own = path.relative_to(SOURCE).parts[0]
        for number, line in enumerate(path.read_text().splitlines(), 1):
            quoted = re.match(r'\s*#\s*include\s+"([^"/]+)/', line)
            if quoted and own in order and quoted.group(1) in order and order[quoted.group(1)] > order[own]:
                yield f"{relative}:{number}: {own} includes {quoted.group(1)}, which is above it"
            angled = re.match(r"\s*#\s*include\s+<([^>]+)>", line)
            for pattern, allowed in HEAVY.items():
                if angled and re.match(pattern, angled.group(1)) and relative not in allowed:
                    yield f"{relative}:{number}: <{angled.group(1)}> may only be included by {sorted(allowed)}"


found = list(complaints())
print("\n".join(found) if found else "layering: no upward include")
sys.exit(1 if found else 0)
