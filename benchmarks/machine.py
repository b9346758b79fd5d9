"""What a measurement ran on: processor family, cores, memory, versions; no host names."""

import os
import platform
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

__all__ = ["describe_machine", "describe_versions"]


def describe_machine() -> dict[str, Any]:
    """Return cores, memory and processor family. Linux."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    family = next((one.partition(":")[2].strip() for one in lines if "model name" in one), "?")
    flags = next((one for one in lines if one.startswith("flags")), "").split()
    return {
        "processor": family,
        "has_amx_bf16": "amx_bf16" in flags,
        "has_avx512_bf16": "avx512_bf16" in flags,
        "has_avx512_vnni": "avx512_vnni" in flags,
        "cores": len(os.sched_getaffinity(0)),
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "system": platform.system(),
        "python": sys.version.split()[0],
    }


def describe_versions(*packages: str) -> dict[str, str]:
    """Return the versions of those packages that are installed."""
    found = {}
    for package in packages:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found
