"""Multiple choice by label probabilities: ours against one decode an item.

Every item is a question of its own behind a common instruction. The baseline reads each whole prompt in one decode and
takes the likeliest of the labels from the last logits.
"""

from __future__ import annotations

from benchmarks.common import WORDS, Bare, answers, arguments, engine_of, model_of, note, quiet, tell, timed
from medic_console.core.records import Message, Prompt
from medic_console.engine.template.chat_template import ChatTemplate

ITEMS = 48


def main() -> None:
    """Measure and print."""
    options = arguments(__doc__ or "").parse_args()
    quiet()
    model = model_of(options.model)
    system = "Answer the multiple choice question with one letter."
    prompts = [
        Prompt(
            str(n),
            (
                Message("system", system),
                Message("user", f"{n} {note(120, seed=n)}\nA. {WORDS[n % 9]}\nB. {WORDS[n % 7]}"),
            ),
            labels=("A", "B"),
        )
        for n in range(ITEMS)
    ]
    template = ChatTemplate(model.template)
    with engine_of(model, parallel=8, context=1024) as engine:
        answers(engine, [Prompt("warm", (Message("user", "x"),), max_tokens=1)])
        outputs, ours = answers(engine, prompts)
        bare = Bare(model, engine.granted)
        tokens = [bare.tokens(template.render(prompt.messages)) for prompt in prompts]

        def one_by_one() -> None:
            for prompt in tokens:
                bare.forget()
                bare.read(prompt, 0, engine.granted.batch)

        plain = timed(one_by_one)
        bare.close()
    tell(
        {
            "items": ITEMS,
            "tokens a prompt": sum(output.prompt_tokens for output in outputs.values()) // ITEMS,
            "ours, items/s": ITEMS / ours,
            "one decode an item, items/s": ITEMS / plain,
            "ours / one decode an item": plain / ours,
        },
        options.json,
    )


if __name__ == "__main__":
    main()
