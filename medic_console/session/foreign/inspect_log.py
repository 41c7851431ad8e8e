"""Logs of Inspect: `.eval`, a ZIP file with `header.json` and `samples/ID_epoch_N.json`, or the same as one JSON file.

Source of the form: `EvalRecorder` and `EvalSample` of UKGovernmentBEIS/inspect_ai. Long texts stand apart, as
`attachment://DIGEST`. Logs of today are packed by Zstandard, for which Python before 3.14 needs `zstandard`.
"""

from __future__ import annotations

import re
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from medic_console.core.errors import ItemsError
from medic_console.core.records import FinishReason
from medic_console.session.foreign.samples import Sample, lacking, parsed, texts_of

_ATTACHED = "attachment://"
_SAMPLE = re.compile(r"samples/.+\.json")
_MOST = 256 << 20
"""Bytes of the largest member that is read."""
_ZSTANDARD = 93
_LOCAL = struct.Struct("<26xHH")
"""Lengths of name and extra field in the header before a member's bytes."""


def recognises(record: Mapping[str, Any]) -> bool:
    """Tell whether a JSON document is a log."""
    return isinstance(record.get("eval"), dict) and "samples" in record


def is_packed(path: Path) -> bool:
    """Tell whether a file is packed as `.eval` logs are."""
    return zipfile.is_zipfile(path)


def read_packed(path: Path, model: str) -> Iterator[Sample]:
    """Yield the samples of an `.eval` file.

    Raises:
        ItemsError: It is broken, holds no samples, or cannot be unpacked here.
    """
    try:
        with zipfile.ZipFile(path) as packed:
            names = sorted(name for name in packed.namelist() if _SAMPLE.fullmatch(name))
            head = next((name for name in ("header.json", "_journal/start.json") if name in packed.namelist()), "")
            if not head or not names:
                raise ItemsError(f"{path}: this is no log of Inspect: it has no header or no samples.", "Name a log.")
            header = parsed(f"{path}, {head}", _member(path, packed, head))
            named = model or _model(header)
            for name in names:
                where = f"{path}, {name}"
                yield _sample(where, parsed(where, _member(path, packed, name)), named)
    except (zipfile.BadZipFile, zlib.error, OSError, UnicodeDecodeError, EOFError) as error:
        raise ItemsError(f"{path}: the log cannot be read ({error}).", "Name the file as Inspect wrote it.") from error


def read_log(path: Path, log: Mapping[str, Any], model: str) -> Iterator[Sample]:
    """Yield the samples of a log that is one JSON document."""
    samples = log["samples"]
    if not isinstance(samples, list) or not samples:
        raise ItemsError(f"{path}: the log holds no samples.", "Write it with its samples.")
    for number, record in enumerate(samples, 1):
        where = f"{path}, sample {number}"
        if not isinstance(record, dict):
            raise lacking(where, "it is no object")
        yield _sample(where, record, model or _model(log))


def _model(header: Mapping[str, Any]) -> str:
    described = header.get("eval")
    return str(described.get("model") or "") if isinstance(described, dict) else ""


def _member(path: Path, packed: zipfile.ZipFile, name: str) -> str:
    member = packed.getinfo(name)
    if member.file_size > _MOST:
        raise ItemsError(f"{path}, {name}: {member.file_size:,} bytes are too many.", f"At most {_MOST:,} are read.")
    try:
        return packed.read(name).decode("utf-8")
    except (NotImplementedError, RuntimeError) as error:
        if member.compress_type != _ZSTANDARD:
            raise ItemsError(f"{path}, {name}: cannot be unpacked ({error}).", "Write the log as JSON.") from error
        return _unpacked(path, member)


def _unpacked(path: Path, member: zipfile.ZipInfo) -> str:
    try:
        zstandard = import_module("zstandard")
    except ImportError as error:
        raise ItemsError(
            f"{path}: the log is packed by Zstandard, which this Python does not know.",
            'Install "medic-console[import]", or: inspect log convert --to json.',
        ) from error
    with path.open("rb") as file:
        file.seek(member.header_offset)
        name, extra = _LOCAL.unpack(file.read(_LOCAL.size))
        file.seek(name + extra, 1)
        packed = file.read(member.compress_size)
    try:
        with zstandard.ZstdDecompressor().stream_reader(packed, read_across_frames=True) as stream:
            found: bytes = stream.read(_MOST + 1)
    except zstandard.ZstdError as error:
        raise ItemsError(f"{path}, {member.filename}: cannot be unpacked ({error}).", "Name a whole log.") from error
    if len(found) > _MOST:
        raise ItemsError(f"{path}, {member.filename}: too many bytes.", f"At most {_MOST:,} are read.")
    return found.decode("utf-8")


def _sample(where: str, record: Mapping[str, Any], model: str) -> Sample:
    attached = record.get("attachments")
    resolve = _Resolver(attached if isinstance(attached, dict) else {})
    output = record.get("output")
    choices = output.get("choices") if isinstance(output, dict) else None
    first = choices[0] if isinstance(choices, list) and choices and isinstance(choices[0], dict) else {}
    told = first.get("message")
    message = told if isinstance(told, dict) else {}
    if not message and not record.get("error"):
        raise lacking(where, "there is neither an answer of the model nor an error")
    text, thinking = resolve.content(message.get("content"))
    own = [resolve.asked(record.get("input")), *map(resolve.text, texts_of(record.get("choices")))]
    epoch = record.get("epoch")
    return Sample(
        where,
        str(record.get("id", "")),
        model,
        tuple(own),
        resolve.asked(record.get("messages")) or "\n".join(own),
        text,
        thinking=thinking,
        finish=FinishReason.LENGTH if first.get("stop_reason") == "max_tokens" else FinishReason.STOP,
        epoch=epoch if isinstance(epoch, int) else 1,
        failed=not message,
    )


class _Resolver:
    """Puts texts that stand apart back to where they belong."""

    def __init__(self, attached: Mapping[str, Any]) -> None:
        self._attached = attached

    def text(self, value: str) -> str:
        """Return a text, whole."""
        if not value.startswith(_ATTACHED):
            return value
        return str(self._attached.get(value.removeprefix(_ATTACHED), value))

    def content(self, value: Any) -> tuple[str, str]:
        """Return a message's text and its thoughts."""
        if isinstance(value, str):
            return self.text(value), ""
        parts = [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
        said = [self.text(str(one.get("text", ""))) for one in parts if one.get("type") == "text"]
        thought = [self.text(str(one.get("reasoning", ""))) for one in parts if one.get("type") == "reasoning"]
        return "\n".join(said), "\n".join(thought)

    def asked(self, value: Any) -> str:
        """Return what was asked: a text, or the turns that are not the model's."""
        if isinstance(value, str):
            return self.text(value)
        turns = [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
        return "\n\n".join(self.content(one.get("content"))[0] for one in turns if one.get("role") != "assistant")
