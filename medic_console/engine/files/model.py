"""A model file as the rest of the program knows it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from medic_console.engine.protocol.served import Served
from medic_console.engine.template.think_forms import ThinkForm, form_of_template


def signature_of(files: Sequence[Path]) -> str:
    """Return what changes when one of the files is written or replaced: sizes, inodes, times of content and status.

    Raises:
        OSError: A file is gone.
    """
    found = [file.stat() for file in files]
    return " ".join(f"{s.st_size}-{s.st_ino}-{s.st_mtime_ns}-{s.st_ctime_ns}" for s in found)


class Block(NamedTuple):
    """Bytes of one block.

    Attributes:
        weights: Its tensors in the file.
        token: Its f16 cache for one token; 0 without attention.
        state: Its recurrent state of one sequence; 0 without one.
    """

    weights: int
    token: int = 0
    state: int = 0


class Parts(NamedTuple):
    """Bytes of a model's parts.

    Attributes:
        blocks: In the order of the model.
        embedding: Tables that tokens are looked up in.
        output: What makes logits of the last block's rows.
        tied: The output takes the embedding's table: in main memory it costs nothing, on a device it is a copy.
    """

    blocks: tuple[Block, ...] = ()
    embedding: int = 0
    output: int = 0
    tied: bool = False


NO_PARTS = Parts()


@dataclass(frozen=True, slots=True)
class ModelFile:
    """A generative model: in a GGUF file, or behind a server, of which no file is known.

    Attributes:
        path: As named by the user, made absolute.
        name: `general.name`, else the file's stem.
        sha256: `sha256:` and the hexadecimal digest of the file; of a split model, of its parts' digests.
        size: Bytes of all files.
        architecture: `general.architecture`.
        quantisation: Name of `general.file_type`, such as Q4_K_M.
        parameters: Number of weights.
        context: Trained context in tokens; 0 when the file does not say.
        template: Jinja chat template; empty when there is none.
        kv_bytes: Bytes of an f16 key-value cache for one token, in the layers that have one; 0 when the file does not
            say.
        state_bytes: Bytes of the recurrent state of one sequence; 0 for a transformer.
        parts: Bytes of blocks, embedding and output.
        metadata: Scalars and short lists of numbers of the (first) file's header.
        vocabulary: Tokens.
        width: Width of the residual stream.
        hidden: Width of the feed-forward layers.
        layers: Number of blocks.
        files: All files of the model, in order; more than one when it is split.
        signature: Sizes, inodes and times of the files when they were hashed.
        served: Where a server answers for it, and what stands for its file; None for a file.
    """

    path: Path
    name: str
    sha256: str
    size: int
    architecture: str
    quantisation: str
    parameters: int
    context: int
    template: str
    kv_bytes: int
    metadata: dict[str, Any]
    vocabulary: int = 0
    width: int = 0
    hidden: int = 0
    layers: int = 0
    files: tuple[Path, ...] = ()
    signature: str = ""
    state_bytes: int = 0
    parts: Parts = NO_PARTS
    served: Served | None = None

    @property
    def file(self) -> str:
        """Path as text; of a served model its address."""
        return str(self.path) if self.served is None else self.served.address

    @property
    def template_digest(self) -> str:
        """Digest of the chat template."""
        return "sha256:" + hashlib.sha256(self.template.encode()).hexdigest()

    @property
    def thinking(self) -> ThinkForm | None:
        """Form of the thoughts that the template knows; None without one."""
        return form_of_template(self.template)
