"""Cross-examining one note with ten questions: ours against reading the note again, and against the best order.

`scratch`: each question's whole prompt is read from nothing. `reuse`: one sequence keeps the longest beginning that
it has in common with the next prompt, as llama-cpp-python's high-level class does, and the questions of one note
follow each other. Cold: the note has never been read. Warm: it is in the cache and ten other questions come.
"""

from __future__ import annotations

from benchmarks.common import Bare, answers, arguments, engine_of, model_of, note, question_prompts, quiet, tell, timed
from medic_console.engine.template.chat_template import ChatTemplate

QUESTIONS = 10
LENGTH = 1300
LABELS = ("Y", "N", "I")
"""One token each, as YES and NO are in a real vocabulary."""


def main() -> None:
    """Measure and print."""
    parser = arguments(__doc__ or "")
    parser.add_argument("--length", type=int, default=LENGTH, help="characters of the note")
    options = parser.parse_args()
    quiet()
    model = model_of(options.model)
    template = ChatTemplate(model.template)
    text = note(options.length)
    cold = question_prompts(text, QUESTIONS, "c", LABELS)
    warm = question_prompts(text, 2 * QUESTIONS, "w", LABELS)[QUESTIONS:]
    with engine_of(model, parallel=16) as engine:
        outputs, ours_cold = answers(engine, cold)
        _, ours_warm = answers(engine, warm)
        bare = Bare(model, engine.granted)
        prompts = [bare.tokens(template.render(prompt.messages)) for prompt in cold]
        others = [bare.tokens(template.render(prompt.messages)) for prompt in warm]
        bare.read(prompts[0][:32], 0, 32)
        bare.forget()
        scratch = timed(lambda: _scratch(bare, prompts, engine.granted.batch))
        bare.forget()
        reuse_cold = timed(lambda: _reuse(bare, prompts, engine.granted.batch))
        reuse_warm = timed(lambda: _reuse(bare, [prompts[-1], *others], engine.granted.batch, known=1))
        bare.close()
    tell(
        {
            "tokens a prompt": outputs["c0"].prompt_tokens,
            "ours cold, s": ours_cold,
            "ours warm, s": ours_warm,
            "from scratch, s": scratch,
            "best order with reuse cold, s": reuse_cold,
            "best order with reuse warm, s": reuse_warm,
            "scratch / ours cold (to reach 8)": scratch / ours_cold,
            "reuse / ours cold (to reach 1.0)": reuse_cold / ours_cold,
            "reuse / ours warm (to reach 1.4)": reuse_warm / ours_warm,
        },
        options.json,
    )


def _scratch(bare: Bare, prompts: list[list[int]], batch: int) -> None:
    for tokens in prompts:
        bare.forget()
        bare.read(tokens, 0, batch)


def _reuse(bare: Bare, prompts: list[list[int]], batch: int, known: int = 0) -> None:
    """Read prompts one after the other; the first `known` are in the cache already."""
    before: list[int] = prompts[0] if known else []
    for tokens in prompts[known:]:
        shared = next((i for i, (a, b) in enumerate(zip(tokens, before, strict=False)) if a != b), 0) if before else 0
        shared = min(shared, len(tokens) - 1)
        shared = bare.forget(shared)
        bare.read(tokens[shared:], shared, batch)
        before = tokens


if __name__ == "__main__":
    main()
