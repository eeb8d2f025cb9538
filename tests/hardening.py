#!/usr/bin/python3
"""The program as it is shipped: what protects it is there, and it is small (readelf, objdump and strip of binutils)."""
import os
import subprocess
import tempfile

BINARY = os.environ.get("NOONMARK_BINARY", "build/gcc/noonmark")
MOST_BYTES = 3 * 1024 * 1024
TALLY = {True: 0, False: 0}


def check(holds, what):
    TALLY[bool(holds)] += 1
    if not holds:
        print("FAILED:", what)


def readelf(*options):
    return subprocess.run(["readelf", "-W", *options, BINARY], capture_output=True, text=True, check=True).stdout


header, segments, dynamic = readelf("-h"), readelf("-l"), readelf("-d")
symbols = readelf("--dyn-syms")
stack = [line for line in segments.splitlines() if "GNU_STACK" in line]

check("DYN (Position-Independent Executable file)" in header and "PIE" in dynamic, "it is position independent")
check("GNU_RELRO" in segments and "BIND_NOW" in dynamic, "its relocations are read-only once it runs (full RELRO)")
check(stack and "RWE" not in stack[0], "its stack cannot be executed")
check(not any("RWE" in line for line in segments.splitlines() if "LOAD" in line), "nothing is writable and executable")
check("__stack_chk_fail" in symbols, "stacks are guarded")
check("__snprintf_chk" in symbols or "__vsnprintf_chk" in symbols, "libc calls are checked (FORTIFY)")
if "X86-64" in header:
    # the whole program's note is missing: the start files of Debian's libc have none
    main = subprocess.run(["objdump", "-d", "--disassemble=main", BINARY], capture_output=True, text=True).stdout
    check("endbr64" in main, "indirect jumps land where they may (CET)")
check("RPATH" not in dynamic and "RUNPATH" not in dynamic, "no library path of its own")
check(not any(name in symbols for name in (" gets@", " strcpy@", " system@", " popen@", " sprintf@")), "no banned call")
with tempfile.NamedTemporaryFile() as f:
    subprocess.run(["strip", "-o", f.name, BINARY], check=True)
    size = os.path.getsize(f.name)
check(size < MOST_BYTES, "stripped it has %d bytes, at most %d" % (size, MOST_BYTES))
print("stripped: %d bytes" % size)
print("%d passed, %d failed" % (TALLY[True], TALLY[False]))
raise SystemExit(1 if TALLY[False] else 0)
