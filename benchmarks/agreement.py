"""How often batched and sequential answers agree: the batch's shape changes the logits a little.

The bundled samples of four tasks are answered one sequence at a time, twice, and many at a time.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from benchmarks.common import answers, arguments, engine_of, model_of, tell
from medic_console.audit.prepare import known_tasks
from medic_console.core.records import Output, Prompt
from medic_console.suite.items import load_items
from medic_console.suite.prompts import item_prompt

TASKS = ("medqa", "medcalc", "ehrsql", "medec")


def main() -> None:
    """Measure and print."""
    options = arguments(__doc__ or "").parse_args()
    model = model_of(options.model)
    context = min(model.context or 4096, 2048)
    prompts = _prompts()
    found: dict[str, dict[str, Output]] = {}
    for name, parallel in (("one", 1), ("one again", 1), ("eight", 8), ("sixteen", 16)):
        with engine_of(model, parallel=parallel, context=context) as engine:
            found[name], _ = answers(engine, prompts)
    figures: dict[str, object] = {"prompts": len(prompts)}
    for name in ("one again", "eight", "sixteen"):
        same = sum(found["one"][prompt.id].text == found[name][prompt.id].text for prompt in prompts)
        figures[f"one sequence and {name}: equal texts"] = f"{same} of {len(prompts)}"
    tell(figures, options.json)


def _prompts() -> list[Prompt]:
    with tempfile.TemporaryDirectory() as folder:
        loaded = [load_items(known_tasks().tasks[name], Path(folder)) for name in TASKS]
        return [
            item_prompt(entry.task, item, entry.shared, f"{entry.task.id}/{item.id}")
            for entry in loaded
            for item in entry.items
        ]


if __name__ == "__main__":
    main()
