from __future__ import annotations

import errno
import io
import tempfile
from pathlib import Path
from typing import Any
from weakref import finalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medic_console.core import paths, spool
from medic_console.core.errors import ItemsError
from medic_console.core.spool import Spool


@given(st.lists(st.text(max_size=40)), st.integers(0, 200), st.data())
def test_a_spool_is_a_list_wherever_it_lies(entries: list[str], most: int, data: st.DataObject) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(spool, "IN_MEMORY", most)
        patch.setattr(spool, "_READ_AHEAD", 30)
        found = Spool[str]()
        for number, entry in enumerate(entries):
            found.append(entry)
            if data.draw(st.booleans()):
                assert list(found) == entries[: number + 1] and found[-1] == entry
        assert list(found.whole()) == entries and len(found) == len(entries)
        places = st.none() | st.integers(-50, 50)
        begin, end, step = data.draw(places), data.draw(places), data.draw(st.sampled_from([None, 1, 2, -1]))
        assert list(found[begin:end:step]) == entries[begin:end:step]
        with pytest.raises(IndexError):
            found[len(entries)]


def test_what_is_small_is_a_tuple(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Spool([1, 2]).whole() == (1, 2)
    monkeypatch.setattr(spool, "IN_MEMORY", 0)
    assert isinstance(Spool([1, 2]).whole(), Spool)


def test_no_name_of_it_stands_in_a_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spool, "IN_MEMORY", 0)
    found = Spool(["a patient's text"] * 1_000)
    assert len(found) == 1_000
    assert not [file for file in paths.cache_dir().rglob("*") if file.is_file() and b"patient" in file.read_bytes()]


class Full(io.RawIOBase):
    """A file on a full disk."""

    def writable(self) -> bool:
        return True

    def write(self, content: Any) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")


def test_a_full_disk_is_told_with_what_to_do_and_once(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(dir: Path, **_: Any) -> Any:
        return io.BufferedWriter(Full(), 64)

    monkeypatch.setattr(spool, "IN_MEMORY", 0)
    monkeypatch.setattr(tempfile, "TemporaryFile", full)
    kept = Spool[str]()
    with pytest.raises(ItemsError, match="cannot be kept there \\(No space left") as caught:
        kept.extend(["x"] * 30)
    assert paths.HOME_VARIABLE in caught.value.hint
    ends = finalize._registry  # type: ignore[attr-defined]
    (end,) = [one for one, info in ends.items() if info.weakref() is kept]
    end()  # raises nothing, as it would into whatever the program does then
