"""How families of models set their thoughts apart from their answers: a table, and how a form is recognised.

The marks are those of the models' published chat templates and of llama.cpp's parsers of them (`common/parsers`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ThinkForm:
    """One way to set thoughts apart.

    Attributes:
        opening: Stands before the thoughts.
        closing: Stands behind them.
        answer: Opens the answer; empty where nothing does.
        answers: Other marks that open it.
        ends: End the answer, beside the model's own end of a turn.
        bound: There is no answer without the mark that opens it.
        heads: What a message begins with that is not the answer yet (forms that are bound).
        between: Put behind closed thoughts where an answer is asked for at once.
        named: Texts that a chat template of this form holds, all of them; empty: the closing mark.
        words: The opening mark is words that anyone may write: without its closing mark it tells nothing.
        alone: The closing mark tells of thoughts even where nothing opened them, as the prompt may have.
    """

    name: str
    opening: str
    closing: str
    answer: str = ""
    answers: tuple[str, ...] = ()
    ends: tuple[str, ...] = ()
    bound: bool = False
    heads: tuple[str, ...] = ()
    between: str = "\n\n"
    named: tuple[str, ...] = ()
    words: bool = False
    alone: bool = True

    @property
    def marks(self) -> tuple[str, ...]:
        """All marks, those of the answer too."""
        texts = (self.opening, self.closing, self.answer, *self.answers, self.between, *self.ends)
        return tuple(mark for mark in texts if mark)


FORMS: tuple[ThinkForm, ...] = (
    # Qwen 3, QwQ, DeepSeek, GLM, Kimi K2, MiniMax M2, Nemotron, SmolLM 3, Phi-4 reasoning, LFM 2.5 and many more
    ThinkForm("think", "<think>", "</think>"),
    ThinkForm("think, answer", "<think>", "</think>", "<answer>", ends=("</answer>",), named=("</think>", "<answer>")),
    ThinkForm(
        "granite",
        "<think>",
        "</think>",
        "<response>",
        ends=("</response>",),
        between="<response>",
        named=("<think></think>", "<response></response>"),
    ),
    ThinkForm("gemma 4", "<|channel>thought", "<channel|>"),
    # MedGemma 1.5; its template names neither mark, and the vocabulary of every Gemma 3 holds both
    ThinkForm("medgemma", "<unused94>thought", "<unused95>"),
    ThinkForm("magistral", "[THINK]", "[/THINK]"),
    ThinkForm("seed", "<seed:think>", "</seed:think>"),
    ThinkForm("minimax m3", "<mm:think>", "</mm:think>"),
    ThinkForm("hunyuan", "<think:opensource>", "</think:opensource>", named=("<think{}>", ":opensource")),
    ThinkForm("kimi vl", "◁think▷", "◁/think▷"),
    ThinkForm("exaone", "<thought>", "</thought>"),
    ThinkForm("apertus", "<|inner_prefix|>", "<|inner_suffix|>"),
    ThinkForm(
        "apriel",
        "Here are my reasoning steps:",
        "[BEGIN FINAL RESPONSE]",
        ends=("[END FINAL RESPONSE]",),
        between="\n",
    ),
    # what Ollama prints around the thoughts of any model
    ThinkForm("ollama", "Thinking...\n", "...done thinking.", named=("\0",)),
    ThinkForm("thinking", "<thinking>", "</thinking>", "<output>", ends=("</output>",)),
    ThinkForm("reasoning", "<reasoning>", "</reasoning>", "<answer>", ends=("</answer>",)),
    ThinkForm(
        "open thinker",
        "<|begin_of_thought|>",
        "<|end_of_thought|>",
        "<|begin_of_solution|>",
        ends=("<|end_of_solution|>",),
    ),
    ThinkForm(
        "command",
        "<|START_THINKING|>",
        "<|END_THINKING|>",
        "<|START_RESPONSE|>",
        ends=("<|END_RESPONSE|>",),
        bound=True,
        heads=("<|START_ACTION|>",),
        between="<|START_RESPONSE|>",
        named=("<|END_THINKING|>", "<|START_RESPONSE|>"),
    ),
    ThinkForm(
        "command, text",
        "<|START_THINKING|>",
        "<|END_THINKING|>",
        "<|START_TEXT|>",
        ends=("<|END_TEXT|>",),
        bound=True,
        heads=("<|START_ACTION|>",),
        between="<|START_TEXT|>",
        named=("<|END_THINKING|>", "<|START_TEXT|>"),
    ),
    ThinkForm(
        "gpt-oss",
        "<|channel|>analysis<|message|>",
        "<|end|>",
        "<|channel|>final<|message|>",
        ("<|channel|>final <|constrain|>json<|message|>", "<|channel|>final<|constrain|>json<|message|>"),
        ends=("<|return|>", "<|end|>"),
        bound=True,
        heads=("<|start|>", "<|channel|>"),
        between="<|start|>assistant<|channel|>final<|message|>",
        named=("<|channel|>analysis<|message|>",),
        alone=False,
    ),
    ThinkForm(
        "solar",
        "<|think|>",
        "<|end|>",
        "<|content|>",
        ends=("<|end|>", "<|flush|>"),
        bound=True,
        heads=("<|begin|>", "<|tool_calls|>"),
        between="<|begin|>assistant<|content|>",
        named=("<|think|>", "<|content|>"),
        alone=False,
    ),
    ThinkForm(
        "kimi k3",
        "<|open|>think<|sep|>",
        "<|close|>think<|sep|>",
        "<|open|>response<|sep|>",
        ends=("<|close|>response<|sep|>",),
        bound=True,
        heads=("<|open|>",),
        between="<|open|>response<|sep|>",
        named=("<|open|>", "<|sep|>", "'think'"),
    ),
    ThinkForm(
        "muse",
        " to=self<|message|>",
        "<|eom|>",
        " to=user<|message|>",
        ends=("<|eot|>", "<|eom|>"),
        bound=True,
        heads=("<|start|>", "to="),
        between="<|start|>assistant to=user<|message|>",
        named=(" to=self<|message|>",),
        alone=False,
    ),
    # gpt-oss as it is written where the marks of channels were left out
    ThinkForm("gpt-oss, bare", "analysis", "assistantfinal", named=("\0",), words=True, alone=False),
)
_BY_NAME = {form.name: form for form in FORMS}
_COMMENT = re.compile(r"\{#.*?#\}", re.DOTALL)
UNNAMED = ("<unused94>", "<unused95>")
"""Marks that are control tokens of models whose templates do not name them: their text is kept whatever the model."""
_TELLING = re.compile(
    r"<[|/]?[^\s<>'\"]*(?:think|thought|reason|scratch_?pad|ponder|reflect|monologue|deliberat)[^\s<>'\"]*>"
    r"|<[|/]?\|?(?:analysis|plan(?:ning)?|unused9[45])\|?>"
    r"|\[/?[A-Z_]*(?:THINK|REASON|SCRATCH_?PAD|PONDER|REFLECT)[A-Z_]*\]",
    re.IGNORECASE,
)


def form_named(name: str) -> ThinkForm | None:
    """Return the form of a name; None for an empty one.

    Raises:
        KeyError: There is none of that name.
    """
    return _BY_NAME[name] if name else None


def form_of_template(template: str) -> ThinkForm | None:
    """Return the form that a chat template knows, of several the one that it names most of; None without one."""
    known = [form for form in FORMS if all(text in template for text in _named(form))]
    return max(known, key=lambda form: len(_named(form)), default=None)


def form_of_vocabulary(is_token: Callable[[str], bool]) -> ThinkForm | None:
    """Return the form whose two marks are tokens of their own: such a model was trained to write them.

    Args:
        is_token: Tells whether a text is one token.
    """
    pairs = (form for form in FORMS if not (form.answer or form.words))
    return next((form for form in pairs if is_token(form.opening) and is_token(form.closing)), None)


def forms_in(text: str) -> Iterator[ThinkForm]:
    """Yield the forms that a whole text may be written in, the likeliest first."""
    begun = text.lstrip()
    for tells in (_opens, _heads, _closes):
        found = [form for form in FORMS if tells(form, begun)]
        yield from sorted(found, key=lambda form: not (form.answer and form.answer in begun))


def opened_in(text: str) -> Iterator[ThinkForm]:
    """Yield the forms whose first mark a text begins with, the likeliest first."""
    found = [form for form in FORMS if _opens(form, text) or _heads(form, text)]
    yield from sorted(found, key=lambda form: not (form.answer and form.answer in text))


def unknown_marks(template: str) -> tuple[str, ...]:
    """Return what looks like marks of thoughts in a chat template of none of these forms."""
    if form_of_template(template) is not None:
        return ()
    return tuple(dict.fromkeys(_TELLING.findall(_COMMENT.sub("", template))))


def _named(form: ThinkForm) -> Sequence[str]:
    return form.named or (form.closing,)


def _opens(form: ThinkForm, text: str) -> bool:
    return text.startswith(form.opening.lstrip()) and not (form.words and form.closing not in text)


def _heads(form: ThinkForm, text: str) -> bool:
    return form.bound and text.startswith((*form.heads, form.answer.lstrip()))


def _closes(form: ThinkForm, text: str) -> bool:
    before, closing, _ = text.partition(form.closing)
    return form.alone and bool(closing) and form.opening not in before
