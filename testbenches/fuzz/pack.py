"""Packs a corpus into one file a target, for tests/fuzz_corpus.rs: each case as its length (u32 LE) and its bytes.

usage: pack.py CORPUS OUT    (folders of cases, one a target, minimised before; the folder of the packed files)
"""

import pathlib
import struct
import sys

corpus, out = map(pathlib.Path, sys.argv[1:])
out.mkdir(parents=True, exist_ok=True)
for folder in sorted(corpus.iterdir()):
    cases = sorted((case.read_bytes() for case in folder.iterdir()), key=lambda case: (len(case), case))
    packed = b"".join(struct.pack("<I", len(case)) + case for case in cases)
    (out / f"{folder.name}.corpus").write_bytes(packed)
    print(f"{folder.name}: {len(cases)} cases, {len(packed)} bytes")
