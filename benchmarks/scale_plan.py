"""What an audit at the paper's scale asks of a cluster, by a simulation over what a stored run really read and wrote.

    python -m benchmarks.scale_plan ARCHIVE RUN --read 900 --write 150 --billions 0.135 --nodes 1 4 16 64

Each item's prompt and answer tokens, the judge's among them, are drawn from the run's outputs of the same task. A node
reads `--read` and writes `--write` tokens a second with all its sequences together for a model of `--billions`; a model
of k times as many parameters is k times slower. As in `engine/pool/pool.py` the models come one after the other, each
is loaded by all nodes, and a prompt goes to the node with least to do; the machine that began the run spends `--parent`
seconds on each item, one after the other: flows, scores and the archive. All events are simulated in their order.
"""

from __future__ import annotations

import argparse
import heapq
import json
import math
import random
import sqlite3
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from medic_console.audit.runner import in_turn

ITEMS: Mapping[str, int] = {
    "medqa": 1_273,
    "medmcqa": 4_183,
    "mmlu_pro": 12_032,
    "pubmedqa": 500,
    "toxigen": 940,
    "gsm8k": 1_319,
    "aime24": 30,
    "aime25": 30,
    "medcalc": 1_047,
    "ehrsql": 1_167,
    "medec": 597,
    "ifeval": 541,
    "aci_bench": 120,
    "soap_note": 250,
    "clinical_trials": 100,
    "problem_list": 100,
    "dischargeme": 2_500,
    "medication_qa": 650,
    "healthsearch_qa": 3_156,
    "expert_qa": 458,
    "healthbench": 5_000,
    "healthbench_hard": 1_000,
    "med_safety": 2_000,
}
"""Items of the official test files or of the paper; of `clinical_trials` and `problem_list` neither says, 100 each."""
MODELS: Mapping[str, tuple[float, float]] = {
    "DeepSeek-V3.1": (671, 37),
    "GPT-OSS-120B": (117, 5.1),
    "GPT-OSS-20B": (21, 3.6),
    "Kimi-K2-Thinking": (1_000, 32),
    "Llama-3.1-Nemotron-70B": (70, 70),
    "Llama-4-Maverick": (400, 17),
    "Med42-v2-70B": (70, 70),
    "Med42-v2-8B": (8, 8),
    "Meta-Llama-3-70B-Instruct": (70, 70),
    "Mistral-Large-3-675B": (675, 41),
    "OpenBioLLM-70B": (70, 70),
    "Qwen2.5-72B-Instruct": (72, 72),
    "Qwen3-235B-A22B": (235, 22),
    "Qwen3-8B": (8, 8),
}
"""The fourteen models of the paper's table: billions of parameters in the file, and at work for a token."""
JUDGES: Mapping[str, tuple[float, float]] = {
    name: MODELS[name] for name in ("GPT-OSS-120B", "Qwen2.5-72B-Instruct")
} | {"Llama-4-Maverick": (400, 17)}
MATCHES = 31_000
OPEN_ENDED = ("medication_qa", "healthsearch_qa", "expert_qa")
SLOTS = 16
"""Sequences of a node."""
GROWTH = 0.43
"""16 sequences write 3.3 times as fast as one (`benchmarks/generation.py`): 16 ** 0.43."""
WINDOW = 4
"""Items under way for each sequence (`audit/runner.py`)."""
BYTES = 0.6
"""Bytes of a parameter in a file of four to five bits."""
DISK = 1.5
"""Gigabytes that a node reads of its disk in a second while it loads."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Tokens of one item."""

    read: int
    written: int


@dataclass(frozen=True, slots=True)
class Machine:
    """What a node does in a second for a model of `billions`, and the parent for an item.

    Attributes:
        read: Prompt tokens, all sequences together.
        write: Tokens of answers, all sequences together.
        parent: Seconds of the machine that began the run.
    """

    read: float
    write: float
    billions: float
    parent: float

    def seconds(self, cost: Cost, billions: float) -> float:
        """Return how long a node is busy with an item, as if it did nothing else."""
        return (cost.read / self.read + cost.written / self.write) * billions / self.billions


@dataclass(frozen=True, slots=True)
class Phase:
    """A model's turn: what is asked of it, in order.

    Attributes:
        file: Billions of parameters that are loaded.
        active: Billions at work for a token.
    """

    file: float
    active: float
    costs: Sequence[Cost]


def costs_of(archive: Path, run: str) -> dict[tuple[str, str], list[Cost]]:
    """Return what each item took, by task and role; a text that lay in the cache is not read again."""
    sql = (
        "SELECT calls.task, CASE WHEN calls.model = calls.candidate THEN 'candidate' ELSE 'judge' END, calls.item, "
        "calls.candidate, sum(prompt_tokens - reused_tokens), sum(output_tokens + thinking_tokens) FROM calls "
        "JOIN outputs ON outputs.id = calls.output WHERE calls.run = ? GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4"
    )
    found: dict[tuple[str, str], list[Cost]] = {}
    with closing(sqlite3.connect(f"file:{archive}?mode=ro", uri=True)) as connection:
        for task, role, _, _, read, written in connection.execute(sql, (run,)):
            found.setdefault((task, role), []).append(Cost(int(read), int(written)))
    return found


def paper(costs: Mapping[tuple[str, str], Sequence[Cost]], draw: random.Random) -> list[Phase]:
    """Return the whole of MEDIC: fourteen models, all tasks, then three judges over all answers."""
    answers = [Phase(*size, list(_drawn(costs, "candidate", ITEMS, draw))) for size in MODELS.values()]
    judged = {task: ITEMS[task] * len(MODELS) for task, role in costs if role == "judge" and task not in OPEN_ENDED}
    judged |= {task: MATCHES * ITEMS[task] // sum(ITEMS[one] for one in OPEN_ENDED) for task in OPEN_ENDED}
    return answers + [Phase(*size, list(_drawn(costs, "judge", judged, draw))) for size in JUDGES.values()]


def _drawn(
    costs: Mapping[tuple[str, str], Sequence[Cost]], role: str, items: Mapping[str, int], draw: random.Random
) -> Iterator[Cost]:
    """Yield the items of all tasks, which take turns as in a run."""
    known = {task: costs[task, role] for task in items if (task, role) in costs}
    tasks = ([[cost] for cost in draw.choices(found, k=items[task])] for task, found in known.items())
    return in_turn(tasks, SLOTS, SLOTS * WINDOW)


@dataclass(frozen=True, slots=True)
class Spent:
    """How a simulation went.

    Attributes:
        hours: From the first load to the last score.
        busy: Share of the nodes' time in which they read or wrote, 0 to 1.
        loading: Share in which they loaded.
        parent: Share of the time in which the machine that began the run was at work.
    """

    hours: float
    busy: float
    loading: float
    parent: float


class Node:
    """A machine whose sequences share its pace: k of them together are `k ** GROWTH` times as fast as one."""

    def __init__(self, now: float) -> None:
        self._at = now
        self._done = 0.0
        """Work that each sequence has got so far, in seconds of a full node."""
        self._ends: list[float] = []
        self._waiting: deque[float] = deque()

    @property
    def open(self) -> int:
        """Items that it has."""
        return len(self._ends) + len(self._waiting)

    @property
    def next_end(self) -> float:
        """When its next item ends, if nothing more comes."""
        return self._at + (self._ends[0] - self._done) / self._pace() if self._ends else math.inf

    def add(self, work: float, now: float) -> None:
        """Give it an item that takes `work` seconds of a full node."""
        self._go(now)
        if len(self._ends) < SLOTS:
            heapq.heappush(self._ends, self._done + work)
        else:
            self._waiting.append(work)

    def end_one(self) -> None:
        """Go to the end of its next item."""
        self._go(self.next_end)
        heapq.heappop(self._ends)
        if self._waiting:
            heapq.heappush(self._ends, self._done + self._waiting.popleft())

    def _go(self, now: float) -> None:
        if self._ends:
            self._done += (now - self._at) * self._pace()
        self._at = now

    def _pace(self) -> float:
        number = len(self._ends)
        return (number / SLOTS) ** GROWTH / number


def simulate(phases: Sequence[Phase], nodes: int, machine: Machine) -> Spent:
    """Play all phases through, event by event."""
    now = served = loaded = handled = 0.0
    for phase in phases:
        load = phase.file * BYTES / DISK
        loaded += load
        now, busy = _phase(phase, nodes, machine, now + load)
        served += busy
        handled += machine.parent * len(phase.costs)
    return Spent(now / 3600, served / (nodes * now), loaded / now, handled / now)


def _phase(phase: Phase, count: int, machine: Machine, now: float) -> tuple[float, float]:
    """Return when a model's last item ends, and the work of all of them in seconds of a full node."""
    nodes = [Node(now) for _ in range(count)]
    works = deque(machine.seconds(cost, phase.active) for cost in phase.costs)
    total, under_way, free_at = math.fsum(works), 0, now
    ends: list[tuple[float, int]] = []
    while works or under_way:
        while works and under_way < count * SLOTS * WINDOW:
            now = free_at = max(now, free_at) + machine.parent
            number = min(range(count), key=lambda one: nodes[one].open)
            nodes[number].add(works.popleft(), now)
            heapq.heappush(ends, (nodes[number].next_end, number))
            under_way += 1
        end, number = heapq.heappop(ends)
        if end != nodes[number].next_end:  # it got more since, and a later entry says when
            continue
        now = max(now, end)
        nodes[number].end_one()
        under_way -= 1
        if nodes[number].open:
            heapq.heappush(ends, (nodes[number].next_end, number))
    return now, total


def main() -> None:
    """Print how long the whole takes by the number of nodes, and what saturates first."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("archive", type=Path)
    parser.add_argument("run")
    parser.add_argument("--read", type=float, required=True, help="prompt tokens a second of a node")
    parser.add_argument("--write", type=float, required=True, help="tokens of answers a second of a node")
    parser.add_argument(
        "--billions", type=float, required=True, help="parameters of the model that this was measured with"
    )
    parser.add_argument(
        "--parent", type=float, default=0.0024, help="seconds an item of the machine that began the run"
    )
    parser.add_argument("--nodes", type=int, nargs="+", default=[1, 4, 16, 64, 256])
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    costs = costs_of(given.archive, given.run)
    phases = paper(costs, random.Random(given.seed))
    machine = Machine(given.read, given.write, given.billions, given.parent)
    spent = {nodes: simulate(phases, nodes, machine) for nodes in given.nodes}
    if given.json:
        print(json.dumps({nodes: vars_of(one) for nodes, one in spent.items()}))
        return
    print(f"{'task':<18}{'role':<11}{'items':>6}{'read':>8}{'written':>9}   tokens an item, mean of the run")
    for (task, role), known in sorted(costs.items()):
        read, written = (sum(getattr(one, name) for one in known) / len(known) for name in ("read", "written"))
        print(f"{task:<18}{role:<11}{len(known):>6}{read:>8,.0f}{written:>9,.0f}")
    print(f"\n{sum(len(phase.costs) for phase in phases):,} items in {len(phases)} turns of a model")
    print(f"{'nodes':>6}{'hours':>12}{'efficiency':>12}{'loading':>9}{'parent':>9}")
    for nodes, one in spent.items():
        print(f"{nodes:>6}{one.hours:>12,.1f}{one.busy:>12.3f}{one.loading:>9.3f}{one.parent:>9.3f}")


def vars_of(spent: Spent) -> dict[str, float]:
    """Return the figures by name."""
    return {name: getattr(spent, name) for name in Spent.__slots__}


if __name__ == "__main__":
    main()
