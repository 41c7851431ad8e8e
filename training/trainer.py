"""Training: steps over the recipe's stages, with a bar, figures by skill and checkpoints to continue from."""

from __future__ import annotations

import json
import math
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import torch
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from torch import Tensor, distributed, nn
from torch.nn import functional

from training.batches import Batch, batch
from training.mixture import steps
from training.network import Network
from training.optimizer import Muon, sum_over_workers
from training.precision import FAST
from training.recipe import Recipe, Stage
from training.restore import layers_of, restore
from training.start import deepen, start
from training.tokenizer import Encoder, read
from training.trees import Tree

_SAVE_SECONDS = 180.0
_WARM_STEPS = 40
_DECAY = 0.02


def work(rank: int, recipe: Recipe, folder: Path, workers: int, resume: Path | None, stage: str) -> None:
    """Train as one of several workers; each has a thread of its own and a share of every step.

    Threads that wait for each other inside every matrix product lose most of a processor that others use too.
    """
    torch.set_num_threads(1)
    if workers > 1:
        meeting = folder / "meeting"
        distributed.init_process_group(
            "gloo", init_method=f"file://{meeting.absolute()}", rank=rank, world_size=workers
        )
    trainer = Trainer(recipe, folder, rank, workers)
    if resume and resume.suffix == ".gguf":
        trainer.load_file(resume, stage)
    elif resume:
        trainer.load(resume)
    trainer.run()
    if workers > 1:
        distributed.destroy_process_group()


class Trainer:
    """One training in a folder: it holds the tokenizer, a log and checkpoints.

    Attributes:
        stage: Index of the stage.
        done: Tokens of the stage that were read.
    """

    def __init__(self, recipe: Recipe, folder: Path, rank: int = 0, workers: int = 1) -> None:
        self.recipe, self.folder, self.rank, self.workers = recipe, folder, rank, workers
        self.encode = Encoder(read(folder / "tokenizer.json"))
        self.network = Network(recipe.shape)
        start(self.network, recipe.seed)
        self._begin_optimizers()
        self.stage, self.done, self.steps = 0, 0, 0
        self.skills: dict[str, int] = {}

    def _begin_optimizers(self) -> None:
        matrices = [p for name, p in self.network.named_parameters() if p.ndim == 2 and "embedding" not in name]
        rest = [p for name, p in self.network.named_parameters() if p.ndim != 2 or "embedding" in name]
        self.muon = Muon(matrices, decay=_DECAY, rank=self.rank, workers=self.workers)
        self.adam = torch.optim.AdamW(rest, lr=0.0, betas=(0.9, 0.95), weight_decay=0.0)

    def run(self) -> None:
        """Train the rest of the recipe's stages."""
        total = sum(stage.tokens for stage in self.recipe.stages)
        before = sum(stage.tokens for stage in self.recipe.stages[: self.stage])
        columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:.0f} %"))
        with Progress(*columns, TimeRemainingColumn(), disable=self.rank > 0) as bar:
            task = bar.add_task("training", total=total, completed=before + self.done)
            while self.stage < len(self.recipe.stages):
                stage = self.recipe.stages[self.stage]
                for read_tokens, line in self._stage(stage):
                    bar.update(task, advance=read_tokens, description=f"{stage.name} {line}")
                self.stage, self.done = self.stage + 1, 0
                self.save(f"stage-{self.stage}")

    def _stage(self, stage: Stage) -> Iterator[tuple[int, str]]:
        """Train a stage; yield tokens read and a line of figures after each step."""
        self._deepen(stage.layers)
        seed = self.recipe.seed + 100_000 * (self.stage + 1) + self.workers * self.steps + self.rank
        saved, begun = time.monotonic(), time.monotonic()
        losses: dict[str, list[float]] = defaultdict(list)
        count = 0
        for rows in steps(self.recipe, stage, seed, self.encode, self.workers):
            if self.done >= stage.tokens:
                return
            read_tokens = self.recipe.step  # counted as planned: the same on every worker
            rate = _rate(stage, self.done) * min(1.0, (self.steps + 1) / _WARM_STEPS)
            self._step(rows, rate, losses)
            self.done, self.steps, count = self.done + read_tokens, self.steps + 1, count + read_tokens
            line = ""
            if self.steps % 20 == 0:
                speed = count / (time.monotonic() - begun)
                line = self._log(stage, losses, speed, rate)
                losses.clear()
            if time.monotonic() - saved > _SAVE_SECONDS:
                self.save("latest")
                saved = time.monotonic()
            yield read_tokens, line

    def _step(self, rows: list[list[Tree]], rate: float, losses: dict[str, list[float]]) -> None:
        made = batch(rows, self.skills)
        for optimizer in (self.muon, self.adam):
            for group in optimizer.param_groups:
                group["lr"] = rate
        each = token_losses(self.network, made)
        loss = (each * made.weights).sum() / made.weights.sum()
        loss.backward()
        self._share()
        nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        for optimizer in (self.muon, self.adam):
            optimizer.step()
            optimizer.zero_grad()
        for name, index in self.skills.items():
            mine = (made.skills == index) & (made.weights > 0)
            if bool(mine.any()):
                losses[name].append(float(each.detach()[mine].mean()))

    def _deepen(self, layers: int) -> None:
        """Add the layers that are missing; the optimizers begin anew with them."""
        if layers > len(self.network.blocks):
            deepen(self.network, layers, self.recipe.seed)
            self._begin_optimizers()

    def load_file(self, path: Path, stage: str) -> None:
        """Continue from a GGUF file, which holds no optimizer's state, with the stage of a name.

        Raises:
            ValueError: The recipe has no such stage, or the file holds other tokens than the folder's tokenizer.
        """
        names = [each.name for each in self.recipe.stages]
        if stage not in names:
            raise ValueError(f"The recipe has no stage {stage!r}; it has {', '.join(names)}.")
        self.network = restore(path, self.recipe.shape, self.encode.tokenizer)
        self._begin_optimizers()
        self.stage = names.index(stage)

    def _share(self) -> None:
        """Give all workers the mean of their gradients."""
        gradients = [p.grad for p in self.network.parameters() if p.grad is not None]
        if self.workers > 1:
            sum_over_workers(gradients)
            for gradient in gradients:
                gradient /= self.workers

    def _log(self, stage: Stage, losses: dict[str, list[float]], speed: float, rate: float) -> str:
        means = {name: round(sum(values) / len(values), 3) for name, values in sorted(losses.items())}
        record = {"stage": stage.name, "done": self.done, "steps": self.steps, "speed": round(speed), "rate": rate}
        if self.rank == 0:
            with (self.folder / "log.jsonl").open("a") as log:
                print(json.dumps({**record, "losses": means}), file=log)
        return f"{speed:,.0f} tokens/s"

    def save(self, name: str) -> None:
        """Write a checkpoint that training can continue from."""
        if self.rank > 0:
            return
        path = self.folder / f"{name}.pt"
        state = {
            "network": self.network.state_dict(),
            "muon": self.muon.state_dict(),
            "adam": self.adam.state_dict(),
            "place": (self.stage, self.done, self.steps),
        }
        torch.save(state, path.with_suffix(".draft"))
        path.with_suffix(".draft").replace(path)

    def load(self, path: Path) -> None:
        """Continue from a checkpoint."""
        state = torch.load(path, weights_only=True)
        self._deepen(layers_of(state["network"]))
        self.network.load_state_dict(state["network"])
        self.muon.load_state_dict(state["muon"])
        self.adam.load_state_dict(state["adam"])
        self.stage, self.done, self.steps = state["place"]


def token_losses(network: Network, made: Batch) -> Tensor:
    """Return the loss of each wanted token; matrix products run in bfloat16 where the processor has it."""
    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=FAST is torch.bfloat16):
        logits = network(made.tokens, made.positions, made.mask, made.wanted)
    return functional.cross_entropy(logits.float(), made.targets, reduction="none")


def _rate(stage: Stage, done: int) -> float:
    high, low = stage.rate
    return low + (high - low) * (1 + math.cos(math.pi * min(1.0, done / stage.tokens))) / 2
