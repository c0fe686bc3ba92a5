"""Where and when a benchmark ran: no figure is worth anything without it."""

from __future__ import annotations

import os
import platform
import subprocess
from datetime import date
from pathlib import Path

_INSTRUCTION_SETS = ("avx2", "avx512f", "avx512_vnni", "avx512_bf16", "amx_int8", "asimddp", "i8mm")
"""What the speed of int8 arithmetic hangs on, as Linux names it."""


def describe() -> str:
    """Return one line: cores, processor, instruction sets, memory, load, date."""
    return (
        f"{cores()} cores of {_processor()}, {_memory_gib()} GiB, {platform.system()}, "
        f"load {os.getloadavg()[0]:.1f} at the start, {date.today().isoformat()}"
    )


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def resident_megabytes(pid: int) -> float:
    """Return the memory a process occupies now (RSS), in MB of 10^6 bytes."""
    answer = subprocess.run(["ps", "-o", "rss=", "-p", str(pid)], capture_output=True, text=True, check=True)
    return int(answer.stdout) * 1024 / 1e6


def processor_seconds(pid: int) -> float:
    """Return the processor time a process has used, over all cores, in whole seconds."""
    answer = subprocess.run(["ps", "-o", "time=", "-p", str(pid)], capture_output=True, text=True, check=True)
    seconds = 0.0
    for part in answer.stdout.strip().split(":"):  # hours (on macOS none), minutes, seconds
        seconds = seconds * 60 + float(part)
    return seconds


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    pairs = (line.partition(":") for line in lines)
    facts = {key.strip(): value.strip() for key, _, value in pairs}
    flags = (facts.get("flags") or facts.get("Features") or "").split()
    known = [name for name in _INSTRUCTION_SETS if name in flags]
    return f"{facts.get('model name', platform.machine())} ({', '.join(known) or 'no known vector unit'})"


def _memory_gib() -> int:
    return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1024**3)
