"""Cross-examining pairs of source and note end to end: ours against the reference order of calls, on the same engine.

Ours: the runner's judge phase over a task's own flow. The reference order: lists of questions one after the other,
then each question put to both texts, alternating, one call at a time, with what one sequence's prefix cache keeps
between two calls (llama-cpp-python's high-level class does the same). Both have the same prompts, text first. Lists
are really written and then replaced by fixed ones, as a random model writes no questions. Of the reference's
questions only some are asked; the time of the others is taken from them.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

from benchmarks.common import HYBRID, SHAPE, WORDS, Bare, arguments, model_of, note, quiet, tell, timed
from medic_console.audit.driver import Control
from medic_console.audit.events import ItemRef, ItemScored, ModelLoaded, OutputReady
from medic_console.audit.plan import Plan
from medic_console.audit.prepare import known_tasks
from medic_console.audit.runner import Runner
from medic_console.core.records import FinishReason, Item, Output, Prompt
from medic_console.core.run_settings import RunSettings
from medic_console.engine.files.model import ModelFile
from medic_console.engine.parent.supervisor import start_engine
from medic_console.engine.protocol.port import Engine, Granted
from medic_console.engine.sizing.limits import engine_settings
from medic_console.engine.template.chat_template import ChatTemplate
from medic_console.scoring.methods.cef.spec import cef_of
from medic_console.scoring.steps import ANSWER
from medic_console.suite.items import LoadedTask, load_items
from medic_console.suite.task import Task
from medic_console.testing.listing import ListingEngine

QUESTIONS = 10
LIST_TOKENS = 160
"""Length of a list of ten questions."""
SHORT = {
    "system": "Use the text alone.",
    "question_user": "Text:\n{text}\n\n{count} closed questions, as a JSON list.",
    "answer_user": "Text:\n{text}\n\n{question}\nYES, NO or IDK?",
}
"""Instructions with about as many bytes, the tokens of the random model, as the task's own have tokens elsewhere."""


def listing(engine: Engine) -> ListingEngine:
    """Return an engine whose lists have a fixed length and are then replaced by fixed questions."""
    return ListingEngine(engine, lambda prompt: [f"Is {WORDS[n]} {prompt}?" for n in range(QUESTIONS)], grammar=False)


class Written:
    """A run's memory in which the candidate has written every note and nothing else is known."""

    def __init__(self, length: int) -> None:
        self._length = length

    def output(self, ref: ItemRef, step: str) -> Output | None:
        """Return a note."""
        if ref.judge or step != ANSWER:
            return None
        return Output(note(self._length, seed=1000 + int(ref.item)), FinishReason.STOP)

    def judged(self, model: ModelFile, granted: Granted, prompt: Prompt) -> Output | None:
        """Return nothing."""
        return None

    def is_scored(self, ref: ItemRef) -> bool:
        """Return False."""
        return False

    def unqualified(self, judge: ModelFile, granted: Granted, task: Task) -> str:
        """Return no objection."""
        return ""


def main() -> None:
    """Measure and print."""
    parser = arguments(__doc__ or "")
    parser.add_argument("--pairs", type=int, default=6, help="sources with a note")
    parser.add_argument("--source", type=int, default=1570, help="characters of a source")
    parser.add_argument("--note", type=int, default=360, help="characters of a note")
    parser.add_argument("--parallel", type=int, default=8, help="sequences decoded together")
    parser.add_argument("--asked", type=int, default=4, help="questions of each list that the reference asks")
    parser.add_argument("--hybrid", action="store_true", help="take a random hybrid, which only copies at forks serve")
    options = parser.parse_args()
    quiet()
    model = model_of(options.model, HYBRID if options.hybrid else SHAPE)
    settings = RunSettings(parallel=options.parallel, context=min(model.context or 4096, 4096), gpu_layers="0")
    loaded = _pairs(options.pairs, options.source, own_words=options.model is not None)
    candidate = replace(model, sha256="sha256:candidate")
    plan = Plan((loaded,), (candidate,), (model,), settings)
    ready, ours, granted = _ours(plan, Written(options.note))
    bare = Bare(model, granted)
    template = ChatTemplate(model.template)
    tokens = {(e.ref.item, e.step): bare.tokens(template.render(e.prompt.messages)) for e in ready}
    reference = _reference(bare, tokens, options.asked, granted.batch)
    bare.close()
    read = sum(event.output.prompt_tokens - event.output.reused_tokens for event in ready)
    least = _fewest(list(tokens.values()))
    alternating = sum(_reading(_alternating(tokens, item, QUESTIONS)) for item in {item for item, _ in tokens})
    tell(
        {
            "pairs": options.pairs,
            "requests of a pair": len(ready) // options.pairs,
            "ours, s a pair": ours / options.pairs,
            "reference order, s a pair": reference,
            "reference / ours (to reach 10)": reference / (ours / options.pairs),
            "prompt tokens read a pair, ours": read / options.pairs,
            "prompt tokens read a pair, least possible": least / options.pairs,
            "prompt tokens read a pair, reference order": alternating / options.pairs,
            "ours / least possible": read / least,
        },
        options.json,
    )


def _pairs(count: int, length: int, own_words: bool) -> LoadedTask:
    """Return ACI-Bench with made-up sources, in the task's own words or in short ones."""
    with tempfile.TemporaryDirectory() as folder:
        loaded = load_items(known_tasks().tasks["aci_bench"], Path(folder))
    asked = cef_of(loaded.task)
    assert asked is not None
    spec = replace(asked, max_tokens=LIST_TOKENS, questions=QUESTIONS)
    task = replace(loaded.task, judge=spec if own_words else replace(spec, **SHORT))
    items = tuple(Item(str(n), {"dialogue": note(length, seed=n)}) for n in range(count))
    return replace(loaded, task=task, items=items)


def _ours(plan: Plan, memory: Written) -> tuple[list[OutputReady], float, Granted]:
    """Run the judge's phase and return its outputs, the seconds behind the loading, and the engine's limits."""
    log = Path(tempfile.gettempdir()) / "medic-console-benchmark.log"
    ready: list[OutputReady] = []
    begun, granted = time.perf_counter(), Granted()

    def start(model: ModelFile, cache: str) -> Engine:
        return listing(start_engine(engine_settings(model, plan.settings, cache=cache), log))

    runner = Runner(plan, start, memory, Control())
    for event in runner.events():
        if isinstance(event, ModelLoaded):
            begun, granted = time.perf_counter(), event.granted
        elif isinstance(event, OutputReady):
            ready.append(event)
        elif isinstance(event, ItemScored):
            # random weights choose no answer (`weighing.FLOOR`), but every question was put to them
            assert event.score.cef is not None, event.score
    return ready, time.perf_counter() - begun, granted


def _alternating(tokens: dict[tuple[str, str], list[int]], item: str, asked: int) -> list[list[int]]:
    """Return the prompts of a pair's questions in the reference order: each put to both texts.

    A question's own text is asked with the tail of the prompt to the other one.
    """
    lists = {side: tokens[item, f"{side}-questions"] for side in ("source", "generated")}
    starts = {side: _common(lists[side], tokens[item, f"{other}-01"]) for side, other in OTHER.items()}
    order: list[list[int]] = []
    for number in range(asked):
        for side, other in OTHER.items():
            prompt = tokens[item, f"{side}-{number + 1:02d}"]
            own = [*lists[side][: starts[side]], *prompt[starts[other] :]]
            order += [own, prompt] if side == "source" else [prompt, own]
    return order


OTHER = {"source": "generated", "generated": "source"}


def _reference(bare: Bare, tokens: dict[tuple[str, str], list[int]], asked: int, batch: int) -> float:
    """Return the seconds of one pair in the reference order."""
    lists = [tokens["0", f"{side}-questions"] for side in OTHER]
    bare.read(lists[0][:32], 0, 32)
    bare.forget()
    writing = timed(lambda: _write(bare, lists, batch))
    answering = timed(lambda: _read_all(bare, _alternating(tokens, "0", asked), batch))
    return writing + answering * QUESTIONS / asked


def _write(bare: Bare, prompts: Sequence[list[int]], batch: int) -> None:
    for prompt in prompts:
        bare.forget()
        token = bare.read(prompt, 0, batch)
        for position in range(len(prompt), len(prompt) + LIST_TOKENS - 1):
            token = bare.read([token], position, batch)
    bare.forget()


def _read_all(bare: Bare, prompts: Sequence[list[int]], batch: int) -> None:
    before: list[int] = []
    for prompt in prompts:
        shared = min(_common(prompt, before), len(prompt) - 1)
        shared = bare.forget(shared)
        bare.read(prompt[shared:], shared, batch)
        before = prompt


def _reading(prompts: Sequence[list[int]]) -> int:
    """Return the prompt tokens that a sequence's prefix cache leaves to read."""
    before: list[int] = []
    total = 0
    for prompt in prompts:
        total += len(prompt) - min(_common(prompt, before), len(prompt) - 1)
        before = prompt
    return total


def _fewest(prompts: list[list[int]]) -> int:
    """Return the tokens to read when every beginning that prompts have in common is read once."""
    ordered = sorted(prompts)
    return len(ordered[0]) + sum(len(prompt) - _common(prompt, before) for before, prompt in pairwise(ordered))


def _common(one: Sequence[int], other: Sequence[int]) -> int:
    length = 0
    for a, b in zip(one, other, strict=False):
        if a != b:
            break
        length += 1
    return length


if __name__ == "__main__":
    main()
