"""How often the default shapes of a batch and `--sequential` give the same answer, by task and type of cache.

Whole audits of the same items: as a run is by default, `--sequential`, and some items `--sequential` once more. Of
answers by label the chosen label is compared, and how far a label's probability moved; of written ones every word, and
the verdict. Without `--data` the bundled samples are asked.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from benchmarks.common import arguments, model_of, tell
from medic_console import api

TASKS = ("pubmedqa", "ehrsql")


@dataclass
class Answered:
    """What an audit answered.

    Attributes:
        outputs: By task and item.
        verdicts: By task and item.
    """

    outputs: dict[tuple[str, str], api.Output]
    verdicts: dict[tuple[str, str], Mapping[str, float]]

    def same(self, other: Answered, task: str) -> dict[str, Any]:
        """Return how many answers to a task are the same in both."""
        keys = [key for key in self.outputs if key[0] == task and key in other.outputs]
        pairs = [(self.outputs[key], other.outputs[key]) for key in keys]
        moved = [
            abs(share - theirs.probabilities[label])
            for ours, theirs in pairs
            for label, share in ours.probabilities.items()
        ]
        verdicts = sum(self.verdicts[key] == other.verdicts[key] for key in keys)
        found: dict[str, Any] = {
            "equal answers": f"{sum(ours.text == theirs.text for ours, theirs in pairs)} of {len(pairs)}",
            "equal verdicts": f"{verdicts} of {len(keys)}",
        }
        return {**found, **({"a label's probability moved by at most": max(moved)} if moved else {})}


def main() -> None:
    """Measure and print."""
    parser = arguments(__doc__ or "")
    parser.add_argument("--task", action="append", help="a task; repeatable (pubmedqa, ehrsql)")
    parser.add_argument("--data", type=Path, help="folder of official files")
    parser.add_argument("--limit", type=int, default=24, help="items of each task")
    parser.add_argument("--written", type=int, default=0, help="most tokens of an answer; 0: as the task says")
    parser.add_argument("--kv-type", action="append", help="type of the cache; repeatable (f16)")
    parser.add_argument("--again", type=int, default=6, help="items of each task that are asked sequentially once more")
    parser.add_argument("--chat-template", type=Path, help="a Jinja file; none: a base model completes the prompts")
    parser.add_argument("--threads", type=int, default=0, help="of the processor; 0: one for each core")
    options = parser.parse_args()
    path = options.model or model_of(None).path
    tasks = options.task or TASKS
    figures: dict[str, Any] = {}
    for kv_type in options.kv_type or ("f16",):

        def asked(limit: int, kv_type: str = kv_type, **chosen: Any) -> Answered:
            settings = api.RunSettings(
                kv_type=kv_type, context=4096, multiple_choice="", threads=options.threads, **chosen
            )
            named = (options.data, None, limit, options.chat_template)
            plan = api.build_plan(api.Choice(list(tasks), [path], (), *named, settings=settings))
            return _answered(_shortened(plan, options.written))

        usual, alone = asked(options.limit), asked(options.limit, sequential=True)
        again = asked(min(options.again, options.limit), sequential=True)
        for task in tasks:
            for name, other in (("default", usual), ("sequential again", again)):
                words = alone.same(other, task).items()
                figures |= {f"{kv_type} {task}, sequential and {name}: {what}": value for what, value in words}
    tell(figures, options.json)


def _shortened(plan: api.Plan, written: int) -> api.Plan:
    """Return a plan whose answers end after so many tokens."""
    if not written:
        return plan
    loaded = []
    for entry in plan.tasks:
        prompt = replace(entry.task.prompt, max_tokens=min(written, entry.task.prompt.max_tokens))
        loaded.append(replace(entry, task=replace(entry.task, prompt=prompt)))
    return replace(plan, tasks=tuple(loaded))


def _answered(plan: api.Plan) -> Answered:
    found = Answered({}, {})
    with tempfile.TemporaryDirectory() as folder:
        for event in api.run(plan, Path(folder) / "archive.db"):
            if isinstance(event, api.OutputReady):
                found.outputs[event.ref.task, event.ref.item] = event.output
            elif isinstance(event, api.ItemScored):
                found.verdicts[event.ref.task, event.ref.item] = dict(event.score.values)
    return found


if __name__ == "__main__":
    main()
