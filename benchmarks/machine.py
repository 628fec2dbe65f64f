"""The machine that the benchmarks ran on."""

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

__all__ = ["machine"]


def machine(*packages: str) -> str:
    """Processor, cores and versions, in two lines."""
    model = platform.processor() or platform.machine()
    listed = Path("/proc/cpuinfo")
    if listed.exists():
        lines = [line.split(":", 1)[1].strip() for line in listed.read_text().splitlines() if "model name" in line]
        model = lines[0] if lines else model
    found = [f"{name} {_version(name)}" for name in packages]
    return f"{model}, {os.cpu_count()} cores\nPython {platform.python_version()}, {', '.join(found)}"


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "absent"
