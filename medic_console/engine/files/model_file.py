"""From a file that a person named to a model that can be audited, without loading it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from medic_console.core.errors import ModelFileError
from medic_console.engine.files.blocks import parts_of
from medic_console.engine.files.cache_bytes import MOST_LAYERS, CacheBytes, cache_bytes
from medic_console.engine.files.gguf_header import Header, read_header
from medic_console.engine.files.model import ModelFile, signature_of
from medic_console.engine.files.obstacles import obstacles
from medic_console.engine.files.quantisation import quantisation_of

TEMPLATE = "tokenizer.chat_template"
_MOST_CACHE_BYTES = 1 << 32
"""Of one token, and of one sequence's state; the largest models take some megabytes, and hundreds of them."""
_PART = re.compile(r"(?P<stem>.*)-(?P<number>\d{5})-of-(?P<count>\d{5})\.gguf")


class Digests(Protocol):
    """Remembers digests of files (see `hash_cache.HashCache`)."""

    def get(self, path: Path) -> str | None:
        """Return the digest of an unchanged file."""
        ...

    def put(self, path: Path, sha256: str) -> None:
        """Remember a digest."""
        ...


def inspect_model(
    path: Path,
    template: str = "",
    progress: Callable[[int, int], None] | None = None,
    digests: Digests | None = None,
) -> ModelFile:
    """Read a GGUF file's metadata, check that it can be audited and hash it.

    Args:
        path: The file; of a split model its first part, the others lie beside it.
        template: Chat template to use in place of the file's own.
        progress: Called with bytes hashed and bytes in all.
        digests: Where known digests are kept.

    Raises:
        ModelFileError: The file or a part is missing, not GGUF, cut short, of another kind than a generative model,
            incomplete, or has no chat template.
    """
    found = examine(path, template)
    for obstacle in found.obstacles:
        raise obstacle
    return replace(found.model, sha256=model_digest(found.model, digests, progress))


@dataclass(frozen=True, slots=True)
class Examined:
    """What the headers of a model's files say.

    Attributes:
        model: The model without its digest.
        quantisation: `ModelFile.quantisation` with what it rests on.
        obstacles: Why the file cannot be audited; empty when the headers show nothing.
    """

    model: ModelFile
    quantisation: str
    obstacles: tuple[ModelFileError, ...]


def examine(path: Path, template: str = "") -> Examined:
    """Read the headers of a model's files, and nothing of their weights.

    Args:
        path: The file; of a split model its first part, the others lie beside it.
        template: Chat template to use in place of the file's own.

    Raises:
        ModelFileError: The file or a part is missing, not GGUF, damaged or cut short.
    """
    path = path.expanduser().absolute()
    first = read_header(path)
    files = _parts(path, first)
    signature = signature_of(files)
    headers = [first, *(read_header(part) for part in files[1:])]
    architecture = first.text("general.architecture")
    stored = quantisation_of(first, headers)
    template = template or first.text(TEMPLATE)
    found = obstacles(path, headers)
    if not (template or found):
        found.append(_without_template(path, first))
    cache = _cache_bytes(path, first)
    model = ModelFile(
        path=path,
        name=first.text("general.name").strip() or path.stem,
        sha256="",
        size=sum(part.stat().st_size for part in files),
        architecture=architecture,
        quantisation=stored.name,
        parameters=sum(header.parameters for header in headers),
        context=first.integer(f"{architecture}.context_length"),
        template=template,
        kv_bytes=cache.token,
        state_bytes=cache.state,
        parts=parts_of(headers),
        metadata=dict(first.metadata),
        vocabulary=first.vocabulary,
        width=first.integer(f"{architecture}.embedding_length"),
        hidden=first.integer(f"{architecture}.feed_forward_length"),
        layers=first.integer(f"{architecture}.block_count"),
        files=tuple(files),
        signature=signature,
    )
    return Examined(model, stored.words, tuple(found))


def known_digest(model: ModelFile, digests: Digests) -> str:
    """Return a model's digest if its files were hashed before and have not changed; empty otherwise."""
    found = [digests.get(part) for part in model.files]
    return _joined([sha256 for sha256 in found if sha256]) if all(found) else ""


def file_sha256(path: Path, progress: Callable[[int], None] | None = None) -> str:
    """Return `sha256:` and the digest of a file, read in blocks of 4 MiB; `progress` takes each block's bytes."""
    state = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(4 << 20):
            state.update(block)
            if progress is not None:
                progress(len(block))
    return "sha256:" + state.hexdigest()


def model_digest(
    model: ModelFile, digests: Digests | None = None, progress: Callable[[int, int], None] | None = None
) -> str:
    """Return the digest of a model's file; of a split model, that of its parts' digests in order.

    Args:
        digests: Where known digests are kept.
        progress: Called with bytes hashed and bytes in all.
    """
    files = model.files
    total, done, found = sum(part.stat().st_size for part in files), 0, []

    def count(read: int) -> None:
        nonlocal done
        done += read
        if progress is not None:
            progress(done, total)

    for part in files:
        known = digests.get(part) if digests is not None else None
        sha256 = known or file_sha256(part, count)
        if digests is not None and known is None:
            digests.put(part, sha256)
        found.append(sha256)
    return _joined(found)


def _joined(found: Sequence[str]) -> str:
    if len(found) == 1:
        return found[0]
    return "sha256:" + hashlib.sha256("\n".join(found).encode()).hexdigest()


def _parts(path: Path, header: Header) -> list[Path]:
    """Return the files of a model, in order; a model that is not split has one."""
    count = header.integer("split.count")
    if count <= 1:
        return [path]
    match = _PART.fullmatch(path.name)
    if match is None or int(match["count"]) != count:
        raise ModelFileError(
            f"{path}: a part of a model split into {count} files, but its name does not say which.",
            f"Give the parts their names back: NAME-00001-of-{count:05d}.gguf and so on.",
        )
    parts = [path.with_name(f"{match['stem']}-{n:05d}-of-{count:05d}.gguf") for n in range(1, count + 1)]
    if path != parts[0]:
        raise ModelFileError(
            f"{path}: part {int(match['number'])} of a split model.", f"Name its first part: {parts[0]}"
        )
    missing = [part.name for part in parts if not part.is_file()]
    if missing:
        raise ModelFileError(
            f"{path}: {len(missing)} of {count} parts are missing: {', '.join(missing[:3])}.",
            "Put all parts into one folder.",
        )
    return parts


def _without_template(path: Path, header: Header) -> ModelFileError:
    empty = header.metadata.get(TEMPLATE, "") == "" and TEMPLATE not in header.arrays
    why = "" if empty else f" ({TEMPLATE} is not a text)"
    return ModelFileError(
        f"{path}: the file has no chat template{why}, so its prompts cannot be formed.",
        "Use an instruct model, name the model's template with --chat-template FILE (Jinja text), or audit it as a "
        "base model, which is asked for completions: --chat-template none.",
    )


def _cache_bytes(path: Path, header: Header) -> CacheBytes:
    found = cache_bytes(header)
    layers = header.integer(f"{header.text('general.architecture')}.block_count")
    if max(found) > _MOST_CACHE_BYTES or layers > MOST_LAYERS:
        raise ModelFileError(
            f"{path}: impossible sizes: {layers:,} blocks, {found.token:,} bytes of cache a token, {found.state:,} of "
            "state a sequence.",
            "Copy the file again and compare its size or checksum with the source.",
        )
    return found
