"""Every known way to set thoughts apart: as text, as control tokens through the real child, and from a template."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from gguf import TokenType
from hypothesis import given, settings
from hypothesis import strategies as st

from medic_console.core.records import FinishReason, Output
from medic_console.engine.child.thinking import Phase, Split, ThinkWatch, split_thinking
from medic_console.engine.template.loose_marks import unknown_mark
from medic_console.engine.template.think_forms import (
    FORMS,
    form_named,
    form_of_template,
    form_of_vocabulary,
    unknown_marks,
)
from medic_console.testing.random_model import CHATML
from tests.conftest import user_prompt
from tests.engine.conftest import StartEngine, outputs_of
from tests.engine.dictated import Dictated, write_dictated_model

WHY = "Is it B? The answer is B. No."
WRITTEN = {
    "think": f"<think>\n{WHY}\n</think>\n\nA",
    "think, answer": f"<think>{WHY}</think>\n<answer>A</answer>",
    "granite": f"<think>{WHY}</think><response>A</response>",
    "gemma 4": f"<|channel>thought\n{WHY}<channel|>A",
    "medgemma": f"<unused94>thought\n{WHY}<unused95>A",
    "magistral": f"[THINK]{WHY}[/THINK]A",
    "seed": f"<seed:think>{WHY}</seed:think>A",
    "minimax m3": f"<mm:think>{WHY}</mm:think>\nA",
    "hunyuan": f"<think:opensource>{WHY}</think:opensource>A",
    "kimi vl": f"◁think▷{WHY}◁/think▷A",
    "exaone": f"<thought>{WHY}</thought>A",
    "apertus": f"<|inner_prefix|>{WHY}<|inner_suffix|>A",
    "apriel": f"Here are my reasoning steps:\n{WHY}\n[BEGIN FINAL RESPONSE]\nA[END FINAL RESPONSE]",
    "thinking": f"<thinking>{WHY}</thinking>\n<output>A</output>",
    "reasoning": f"<reasoning>{WHY}</reasoning>\n<answer>A</answer>",
    "ollama": f"Thinking...\n{WHY}\n...done thinking.\n\nA",
    "open thinker": f"<|begin_of_thought|>{WHY}<|end_of_thought|>\n<|begin_of_solution|>A<|end_of_solution|>",
    "command": f"<|START_THINKING|>{WHY}<|END_THINKING|><|START_RESPONSE|>A<|END_RESPONSE|>",
    "command, text": f"<|START_THINKING|>{WHY}<|END_THINKING|><|START_TEXT|>A<|END_TEXT|>",
    "gpt-oss": f"<|channel|>analysis<|message|>{WHY}<|end|><|start|>assistant<|channel|>final<|message|>A<|return|>",
    "solar": f"<|think|>{WHY}<|end|><|begin|>assistant<|content|>A<|end|>",
    "kimi k3": f"<|open|>think<|sep|>{WHY}<|close|>think<|sep|><|open|>response<|sep|>A<|close|>response<|sep|>",
    "muse": f" to=self<|message|>{WHY}<|eom|><|start|>assistant to=user<|message|>A<|eot|>",
    "gpt-oss, bare": f"analysis{WHY}assistantfinalA",
}
"""What a model of each form writes that thinks of B and answers A."""
TOKENS = {
    "gpt-oss": ("<|channel|>", "<|message|>", "<|start|>", "<|end|>", "<|return|>", "<|call|>"),
    "solar": ("<|think|>", "<|content|>", "<|begin|>", "<|end|>", "<|flush|>", "<|calls|>"),
    "kimi k3": ("<|open|>", "<|close|>", "<|sep|>"),
    "muse": ("<|message|>", "<|start|>", "<|eom|>", "<|eot|>"),
    "apriel": ("[BEGIN FINAL RESPONSE]", "[END FINAL RESPONSE]"),
    "gemma 4": ("<|channel>", "<channel|>"),
    "medgemma": ("<unused94>", "<unused95>"),
}
"""Marks that are tokens, where they are not the form's own marks."""
TEMPLATES = {name: "".join(form.named or (form.closing,)) for name, form in ((form.name, form) for form in FORMS)}
ENGINE = [form.name for form in FORMS if form.named != ("\0",)]


@pytest.mark.parametrize("name", list(WRITTEN))
def test_a_text_of_a_known_form_is_taken_apart_with_and_without_its_model(name: str) -> None:
    text, form = WRITTEN[name], form_named(name)
    split = split_thinking(text, form)
    assert (split.thinking, split.answer, split.closed) == (WHY, "A", True)
    assert split_thinking(text)[:3] == split[:3]
    assert set(WRITTEN) == {form.name for form in FORMS}


@pytest.mark.parametrize("name", list(WRITTEN))
def test_thoughts_that_are_never_closed_give_no_answer(name: str) -> None:
    form = form_named(name)
    assert form is not None
    cut = WRITTEN[name][: WRITTEN[name].index(form.closing)]
    assert split_thinking(cut, form)[:3] == (WHY, "", False)
    if not form.words:
        assert split_thinking(cut)[:3] == (WHY, "", False)


@pytest.mark.parametrize("name", [form.name for form in FORMS if form.heads])
def test_a_channel_that_is_not_the_answer_gives_none(name: str) -> None:
    form = form_named(name)
    assert form is not None
    behind = WRITTEN[name].index(form.closing) + len(form.closing)
    for text in (WRITTEN[name][:behind], WRITTEN[name][:behind] + form.heads[0] + "assistant", form.heads[0] + "tool"):
        assert split_thinking(text, form)[1:3] == ("", False), text
        assert split_thinking(text)[1:3] == ("", False), text


@given(st.sampled_from(ENGINE), st.data())
@settings(deadline=None)
def test_a_watch_ends_where_the_whole_text_is_taken_apart(name: str, data: st.DataObject) -> None:
    text, form = WRITTEN[name], form_named(name)
    cuts = sorted(data.draw(st.sets(st.integers(1, len(text)))))
    watch = ThinkWatch(form)
    phases = [watch.look(text[:cut]) for cut in (*cuts, len(text))]
    assert phases[-1] is Phase.ANSWERING
    assert phases == sorted(phases, key=list(Phase).index)
    assert watch.end <= split_thinking(text, form).start
    assert WHY in text[: watch.end]


def test_the_first_thoughts_and_any_that_follow_at_once_are_set_apart() -> None:
    assert split_thinking("<think>a</think>\n<think>b</think>C")[:3] == ("a\n\nb", "C", True)
    assert split_thinking("<think>a</think>B <think>c</think>")[:3] == ("a", "B <think>c</think>", True)
    assert split_thinking("B. <think>late</think>")[:3] == ("late", "B.", True)
    several = "<|channel|>analysis<|message|>a<|end|><|start|>assistant<|channel|>commentary<|message|>b<|end|>"
    final = "<|start|>assistant<|channel|>final<|message|>C<|return|>"
    assert split_thinking(several + final)[:3] == ("a", "C", True)
    assert split_thinking(several)[1:3] == ("", False)
    assert split_thinking("<|channel|>final<|message|>C<|return|>")[:3] == ("", "C", True)


@pytest.mark.parametrize(
    ("text", "answer", "closed"),
    [
        ("<|channel|>analysis<|message|>why<|end|><|start|>assistant<|channel|>final <|constrain|>json<|message|>"
         '{"answer": "B"}<|return|>', '{"answer": "B"}', True),
        ("why A<|end|><|start|>assistant<|channel|>final<|message|>B<|return|>", "B", True),
        ("assistantfinalB", "B", True),
        ("assistantanalysisA is wrong.assistantfinalB", "B", True),
        ("analysisThe answer is A", "", False),
        ("analysis of the options: A", "analysis of the options: A", True),
        ("Thinking...\nIt is A", "", False),
        ("Here are my reasoning steps:\nThe answer is A", "", False),
        ("Sure.\n<think>So the answer is A", "", False),
        ("Sure. <think>So the answer is A", "", False),
        ("Let me think.\n<reasoning>The answer is A", "", False),
        ("I write <think> before my answer: B", "I write <think> before my answer: B", True),
        ("SELECT 1;\n<think>ok</think>\nDone.", "SELECT 1;\nDone.", True),
        ("<answer>B</answer>\n<reasoning>C is wrong</reasoning>\n0.9", "<answer>B</answer>\n0.9", True),
        ("Note, part one.\n<think>more?</think>\nPart two.\n<think>end?</think>", "Note, part one.\nPart two.", True),
    ],
)  # fmt: skip
def test_what_stands_around_thoughts_is_the_answer_and_thoughts_never_are(text: str, answer: str, closed: bool) -> None:
    found = split_thinking(text)
    assert (found.answer, found.closed) == (answer, closed)
    form = form_named("gpt-oss" if "channel" in text else "think")
    assert split_thinking(text, form)[1:3] == (answer, closed)


def test_a_block_that_the_prompt_has_opened_is_told_by_its_closing_mark() -> None:
    assert split_thinking("It is B. No.\n</think>\n\nA")[:3] == ("It is B. No.", "A", True)
    assert split_thinking("</think>\n\nA")[:3] == ("", "A", True)
    assert split_thinking("It is B. No.[/THINK]A")[:3] == ("It is B. No.", "A", True)
    assert split_thinking("B<|end|>")[:3] == ("", "B<|end|>", True)


@pytest.mark.parametrize(
    "text",
    [
        "[PLAN]\n1. Rest.",
        "assistant\nA",
        "<s>A",
        "[think about it] A",
        "",
        " \n",
        "A",
        "  A\n",
        "SELECT '<think' FROM a WHERE b < 3",
        "analysis: A",
        "to be",
    ],
)
def test_a_text_without_marks_is_left_as_it_is(text: str) -> None:
    assert split_thinking(text) == Split("", text, True, 0)


@pytest.mark.parametrize("name", [form.name for form in FORMS if form.name != "gpt-oss, bare"])
def test_a_template_tells_its_form(name: str) -> None:
    template = CHATML + "{#" + TEMPLATES[name] + "#}"
    found = form_of_template(template)
    assert found is not None
    assert found.name == name
    assert unknown_marks(CHATML + TEMPLATES[name]) == ()


HEADS = [
    "<|im_start|>assistant\n",
    "<s>",
    "assistant\n",
    "Assistant: ",
    "```\n",
    "**",
    "<start_of_turn>model\n",
    "> ",
    "",
]
NAMES = ["think", "THINK", "Thought", "thoughts", "scratchpad", "analysis", "reflection", "reason", "longcat_think"]
NAMES += ["thinking", "inner_monologue", "ponder"]
BRACKETS = ["<{}>", "< {} >", "&lt;{}&gt;", "<|{}|>"]


@pytest.mark.parametrize("head", HEADS)
@pytest.mark.parametrize("name", [*NAMES, "|im_start|>assistant\n<think"])
def test_thoughts_behind_the_head_of_a_turn_or_in_other_brackets_are_none_of_the_answer(head: str, name: str) -> None:
    # <|think|> is Solar's own mark.
    brackets = BRACKETS[:1] if "|" in name else BRACKETS[: 3 if name.casefold() == "think" else None]
    for bracket in brackets:
        opening = bracket.format(name)
        closing = bracket.format("/" + name.rpartition("<")[2])
        assert split_thinking(f"{head}{opening}\n{WHY}")[1:3] == ("", False), opening
        assert split_thinking(f"{head}{opening}{WHY}{closing}\nA")[:3] == (WHY, "A", True), opening


def test_marks_in_square_brackets_and_their_ends_by_another_word() -> None:
    assert split_thinking(f"[think]{WHY}[/think]A")[:3] == (WHY, "A", True)
    assert split_thinking(f"[Thinking] {WHY}")[1:3] == ("", False)
    assert split_thinking(f"<|BEGIN_OF_REASONING|>{WHY}<|END_OF_REASONING|>A")[:3] == (WHY, "A", True)
    assert split_thinking(f"<|im_start|>assistant{WRITTEN['gpt-oss']}")[:3] == (WHY, "A", True)
    assert split_thinking("<analysis>a</analysis>\n<reflection>b</reflection>A")[:3] == ("a\n\nb", "A", True)


@pytest.mark.parametrize(
    ("text", "mark"),
    [
        ("<musing>B</musing>A", "<musing>"),
        ("assistant\n<|musing|>B", "<|musing|>"),
        ("[MUSING] B", "[MUSING]"),
        ("<answer>A</answer>", ""),
        ("<sql>SELECT 1</sql>", ""),
        ("A <musing>", ""),
        ("<p>A</p>", ""),
        ("[PLAN](x) A", ""),
        ("p < 0.05 and > 1", ""),
    ],
)
def test_a_mark_that_is_not_known_is_told(text: str, mark: str) -> None:
    assert unknown_mark(text) == mark


def test_marks_that_nobody_knows_are_told() -> None:
    for mark in ("<scratchpad>", "<ponder>", "<analysis>", "<reflection>", "<plan>", "<unused94>", "[SCRATCHPAD]"):
        assert unknown_marks(CHATML + mark) == (mark,)
    odd = "{# <thinking aloud> #}{{ '<|deep_reason|>' }}[REASONING]{{ '</my:thought>' }}<thin>"
    assert unknown_marks(CHATML + odd) == ("<|deep_reason|>", "[REASONING]", "</my:thought>")
    assert unknown_marks(CHATML) == ()
    assert unknown_marks(CHATML + odd + "</think>") == ()


def test_a_vocabulary_tells_the_form_by_two_tokens() -> None:
    found = form_of_vocabulary({"[THINK]", "[/THINK]", "<think>"}.__contains__)
    assert found is not None
    assert found.name == "magistral"
    assert form_of_vocabulary({"<|think|>", "<|end|>", "<|content|>"}.__contains__) is None


def written(start: StartEngine, folder: Path, shape: Dictated, **changes: object) -> dict[str, Output]:
    """Return what a dictated model says to a free request and to a choice between A and B."""
    free, choice = user_prompt("free", "Which?", max_tokens=40), user_prompt("choice", "Which?", labels=("A", "B"))
    given = {"template": shape.template, "thinking_budget": 160, **changes}
    counted = start(write_dictated_model(folder / "plain.gguf", shape), vocabulary_only=True, **given).count([free])
    dictating = replace(shape, at=counted.tokens[0])
    return outputs_of(start(write_dictated_model(folder / "dictated.gguf", dictating), **given), [free, choice])


@pytest.mark.parametrize("name", ENGINE)
def test_control_tokens_of_thoughts_are_seen_by_the_engine(name: str, start: StartEngine, tmp_path: Path) -> None:
    form = form_named(name)
    assert form is not None
    marks = TOKENS.get(name, tuple(mark for mark in (form.opening, form.closing, form.answer, *form.ends) if mark))
    template = CHATML + "{#" + TEMPLATES[name] + "#}"
    shape = Dictated(text=WRITTEN[name], marks=marks, template=template)
    outputs = written(start, tmp_path, shape, thinking=name)
    free, choice = outputs["free"], outputs["choice"]
    assert (free.thinking, free.text, free.finish) == (WHY, "A", FinishReason.STOP)
    assert free.thinking_tokens >= len(WHY)
    assert (choice.thinking, choice.thinking_closed) == (WHY, True)
    assert set(choice.probabilities) == {"A", "B"}


@pytest.mark.parametrize("kind", [TokenType.CONTROL, TokenType.USER_DEFINED, TokenType.NORMAL])
def test_the_vocabulary_alone_tells_the_marks_whatever_their_type(
    kind: TokenType, start: StartEngine, tmp_path: Path
) -> None:
    marks = ("[THINK]", "[/THINK]")
    shape = Dictated(text=WRITTEN["magistral"], marks=marks, types=dict.fromkeys(marks, kind))
    outputs = written(start, tmp_path, shape)
    assert (outputs["free"].thinking, outputs["free"].text) == (WHY, "A")


def test_labels_are_weighed_behind_the_mark_that_opens_the_answer(start: StartEngine, tmp_path: Path) -> None:
    shape = Dictated(text=WRITTEN["gpt-oss"], marks=TOKENS["gpt-oss"], template=CHATML + "{# of gpt-oss #}")
    choice = written(start, tmp_path, shape, thinking="gpt-oss")["choice"]
    assert choice.text == "A"
    assert choice.probabilities["A"] > 0.9


def test_a_mark_that_ends_a_generation_does_not_end_thoughts(start: StartEngine, tmp_path: Path) -> None:
    marks = ("<|message|>", "<|start|>", "<|eom|>", "<|eot|>")
    shape = Dictated(text=WRITTEN["muse"], marks=marks, ends="<|eom|>")
    free = written(start, tmp_path, shape, thinking="muse")["free"]
    assert (free.thinking, free.text) == (WHY, "A")


def test_with_a_budget_of_none_the_answer_is_opened_in_the_prompt(start: StartEngine, tmp_path: Path) -> None:
    shape = Dictated(text="A<|return|>", marks=TOKENS["gpt-oss"])
    outputs = written(start, tmp_path, shape, thinking="gpt-oss", thinking_budget=0)
    assert (outputs["free"].text, outputs["free"].thinking) == ("A", "")
    assert outputs["choice"].probabilities["A"] > 0.9


def test_a_model_that_is_not_known_to_think_and_does_so_in_plain_text_has_no_thought_scored(
    start: StartEngine, tmp_path: Path
) -> None:
    closed, open_ = (
        written(start, tmp_path, Dictated(text=text))["free"]
        for text in ("<think>So B.</think>\nA", "<think>So the answer is B")
    )
    assert (closed.thinking, closed.text) == ("So B.", "A")
    assert (open_.text, open_.thinking_closed) == ("", False)
