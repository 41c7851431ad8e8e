"""What is free: of a system, and within the control groups of both versions."""

from __future__ import annotations

import resource
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from medic_console.engine.sizing.machine import available_memory

MB = 1 << 20
MEMINFO = "MemTotal:  16777216 kB\nMemFree:  100 kB\nMemAvailable:  8388608 kB\n"
AVAILABLE = 8192 * MB


def system(folder: Path, files: Mapping[str, str], own: str = "0::/\n") -> int:
    """Return what is available in a system that has these files below `/sys/fs/cgroup`."""
    proc, groups = folder / "proc", folder / "groups"
    (proc / "self").mkdir(parents=True)
    (proc / "meminfo").write_text(MEMINFO)
    (proc / "self" / "cgroup").write_text(own)
    for name, text in files.items():
        (groups / name).parent.mkdir(parents=True, exist_ok=True)
        (groups / name).write_text(text)
    return available_memory(proc, groups)


def test_without_a_limit_the_system_is_believed(tmp_path: Path) -> None:
    assert system(tmp_path, {"memory.max": "max\n", "memory.current": f"{4096 * MB}\n"}) == AVAILABLE
    assert system(tmp_path / "b", {}) == AVAILABLE


def test_pages_of_files_in_a_container_can_be_had(tmp_path: Path) -> None:
    """One that has just hashed a model of 3 GB has nearly all of its memory still."""
    stat = f"anon {500 * MB}\ninactive_file {2000 * MB}\nactive_file {1000 * MB}\nslab 5\nfile_mapped 7\n"
    files = {"memory.max": f"{4096 * MB}\n", "memory.current": f"{3600 * MB}\n", "memory.stat": stat}
    assert system(tmp_path, files) == (4096 - 600) * MB


def test_a_group_whose_files_are_more_than_it_uses_has_all_of_its_limit(tmp_path: Path) -> None:
    files = {"memory.max": str(1024 * MB), "memory.current": str(10 * MB), "memory.stat": f"inactive_file {20 * MB}\n"}
    assert system(tmp_path, files) == 1024 * MB


def test_a_full_group_has_something_left_and_is_not_taken_for_one_without_a_limit(tmp_path: Path) -> None:
    files = {"memory.max": str(1024 * MB), "memory.current": str(2048 * MB)}
    assert system(tmp_path, files) == 1


def test_the_first_version_is_read_too(tmp_path: Path) -> None:
    stat = f"inactive_file 1\ntotal_inactive_file {300 * MB}\ntotal_active_file {100 * MB}\n"
    files = {
        "memory/job/memory.limit_in_bytes": str(2048 * MB),
        "memory/job/memory.usage_in_bytes": str(1000 * MB),
        "memory/job/memory.stat": stat,
        "memory/memory.limit_in_bytes": "9223372036854771712",
        "memory/memory.usage_in_bytes": str(3000 * MB),
    }
    assert system(tmp_path, files, "11:cpu,memory:/job\n1:name=systemd:/other\n") == (2048 - 600) * MB


@pytest.mark.parametrize(("outer", "inner", "left"), [(3000, 2000, 1500), (1200, 2000, 700)])
def test_the_tightest_group_up_to_the_root_counts(tmp_path: Path, outer: int, inner: int, left: int) -> None:
    files = {
        "a/memory.max": str(outer * MB),
        "a/memory.current": str(500 * MB),
        "a/b/memory.max": str(inner * MB),
        "a/b/memory.current": str(500 * MB),
    }
    assert system(tmp_path, files, "0::/a/b\n") == left * MB


@pytest.mark.parametrize("text", ["", "none\n", "12x\n", "-5\n"])
def test_what_cannot_be_read_is_no_limit(tmp_path: Path, text: str) -> None:
    assert system(tmp_path, {"memory.max": text, "memory.current": text}, own="odd\n") == AVAILABLE


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere such a limit does not hold")
def test_a_limit_of_addresses_counts_without_what_a_process_has_of_itself(tmp_path: Path) -> None:
    before = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (6144 * MB, before[1]))
    try:
        assert system(tmp_path, {}) == (6144 - 512) * MB
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)


def test_this_machine_says_how_much_memory_is_free() -> None:
    assert available_memory() > 100_000_000
