"""What the processor can do, as Linux tells it."""

from functools import cache
from pathlib import Path

__all__ = ["has_int8_instructions", "list_features"]

_CPU_FILE = Path("/proc/cpuinfo")
_INT8_FEATURES = {"avx512_vnni", "avx_vnni", "amx_int8"}


@cache
def list_features() -> frozenset[str]:
    """Return the flags of the processor, such as `amx_bf16`; empty where they are not known."""
    try:
        lines = _CPU_FILE.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return frozenset()
    flags = next((line for line in lines if line.startswith("flags")), "")
    return frozenset(flags.partition(":")[2].split())


def has_int8_instructions() -> bool:
    """Tell whether dense layers in int8 are faster here than in floating point, and exact."""
    return bool(_INT8_FEATURES & list_features())
