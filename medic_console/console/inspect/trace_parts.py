"""The sections of an item's trace as content; every untrusted text goes through `plain`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from textual.content import Content

from medic_console.archive.views import Call, ItemTrace
from medic_console.console.bars import bar, probability
from medic_console.console.glyphs import OUTCOMES
from medic_console.console.marks import TRUNCATED
from medic_console.console.text import count, one_line, plain
from medic_console.core.naming import called
from medic_console.core.records import Outcome, Output, Score
from medic_console.engine.protocol.conditions import deciding, in_words, layers_in_words
from medic_console.results.rendered import rendered_prompt
from medic_console.results.request_words import is_served, lengths, thought
from medic_console.scoring.scorers.toolchain import shown
from medic_console.statistics.words import exact

_BAR = 20
Part = Content | str | tuple[str, str]


def section(title: str, *lines: Part) -> Content:
    """Return a titled block."""
    return Content.assemble((f"{title}\n", "bold $primary"), *lines, "\n")


def joined(sections: Iterable[Content]) -> Content:
    """Return blocks with an empty line between them."""
    return Content("\n").join(list(sections))


def asked(trace: ItemTrace) -> Content:
    """Return the messages that the candidate got, or the item's fields when it was never asked."""
    calls = [call for call in trace.calls if call.of_candidate]
    if not calls:
        fields = ((plain(key), plain(_shown(value))) for key, value in trace.fields.items())
        return joined(section(f"field {key}", value) for key, value in fields)
    blocks = []
    for call in calls:
        after = "" if call is calls[0] else " (second request)"
        messages = call.prompt["messages"]
        blocks += [section(plain(str(m["role"])) + after, plain(str(m["content"]))) for m in messages]
        labels = call.prompt.get("labels")
        if labels:
            blocks.append(section("choose from", ", ".join(one_line(str(label)) for label in labels)))
        blocks.append(rendered(call, after))
    return joined(blocks)


def rendered(call: Call, after: str = "") -> Content:
    """Return the text that the model got, its digest and whether both agree."""
    found = rendered_prompt(call)
    lines: list[Part] = [plain(found.text), "\n"] if found.text else []
    if found.digest:
        lines.append((f"{found.digest}\n", "$muted"))
    return section(f"rendered prompt{after}", *lines, (plain(found.note), "$muted" if found.agrees else "$warning"))


def answered(trace: ItemTrace) -> Content:
    """Return output, answer, gold, verdict and counts."""
    calls = [call for call in trace.calls if call.of_candidate]
    blocks = [_verdict(trace)]
    if not calls:
        said = "none was stored" if trace.score else "none: the model was not asked yet"
        blocks.append(section("output", (said, "$muted")))
        return joined(blocks)
    for call in calls:
        blocks += _said(call, "" if call is calls[0] else " (second request)")
    return joined(blocks)


def _said(call: Call, after: str) -> list[Content]:
    output = call.output
    blocks = [section(f"output{after}", plain(output.text) or ("empty", "$muted"))]
    if output.thinking:
        closed = "" if output.thinking_closed else " (not finished)"
        blocks.append(section(f"thinking{closed}", plain(output.thinking)))
    if output.probabilities:
        blocks.append(section("probabilities", probabilities(output)))
    return [*blocks, section(f"limits and engine{after}", counts(call))]


def probabilities(output: Output) -> Content:
    """Return one bar a label, most likely first, then the mass outside."""
    ranked = sorted(output.probabilities.items(), key=lambda pair: -pair[1])
    width = max(len(one_line(label)) for label, _ in ranked)
    width = max(width, len("other"))
    lines = [_bar_line(one_line(label), share, width) for label, share in ranked]
    if output.outside > 0:
        lines.append(_bar_line("other", output.outside, width))
    return Content("\n").join(lines)


def counts(call: Call) -> Content:
    """Return tokens and times, the limits that were granted, the shape of the batch, and how tokens were drawn."""
    output, granted, prompt = call.output, call.granted, call.prompt
    asked, said = lengths(call)
    speed = f", {output.output_tokens / output.seconds:.1f} tokens/s" if output.seconds > 0 else ""
    served = is_served(call)
    lines = [
        asked if served else f"{asked}, {output.reused_tokens:,} of them reused",
        f"{said} of at most {output.max_tokens:,}{thought(call)}",
        f"ended by {output.finish}, {output.seconds:.1f} s{'' if served else speed}",
        *(() if served else _limits(call)),
        f"{_drawn(prompt)} · seed {prompt.get('seed', 0)}",
        *(one_line(line) for line in in_words(deciding(granted))),
        *(one_line(str(note)) for note in granted.get("notes", ())),
        "" if served else one_line(str(granted.get("build", ""))),
    ]
    return Content("\n".join(line for line in lines if line))


def _limits(call: Call) -> tuple[str, str]:
    granted = call.granted
    return (
        f"context {call.output.context:,} tokens · {count(int(granted.get('parallel', 1)), 'sequence')} at once · "
        f"{int(granted.get('cells', 0)):,} tokens in all · batches of at most {int(granted.get('batch', 0)):,}",
        f"{_threads(granted)} · {layers_in_words(int(granted.get('gpu_layers', 0)))} · "
        f"cache {one_line(str(granted.get('kv_type', '')))} · "
        f"prefixes {'shared' if granted.get('shares_prefixes') else 'not shared'} · "
        f"thinking budget {int(granted.get('thinking_budget', 0)):,}",
    )


def _threads(granted: Mapping[str, Any]) -> str:
    """Return how many threads, and how many while prompts were read where these are others."""
    threads, reading = int(granted.get("threads", 0)), int(granted.get("reading_threads", 0))
    return count(threads, "thread") + (f", {reading} while reading" if reading not in (0, threads) else "")


def _drawn(prompt: Mapping[str, Any]) -> str:
    """Return how tokens were drawn, in words."""
    if prompt.get("labels"):
        return "labels weighed, nothing drawn"
    if not prompt.get("temperature"):
        return "greedy"
    names = ("temperature", "top_p", "min_p", "repeat_penalty")
    return ", ".join(f"{name} {prompt[name]:g}" for name in names if name in prompt)


def judge_calls(trace: ItemTrace) -> Content:
    """Return each judge request with its raw text and probabilities."""
    blocks = []
    for call in (call for call in trace.calls if not call.of_candidate):
        body = probabilities(call.output) if call.output.probabilities else plain(call.output.text)
        blocks.append(section(f"{call.step} · ended by {call.output.finish}", body or ("empty", "$muted")))
    return joined(blocks)


def _verdict(trace: ItemTrace) -> Content:
    score = trace.score
    if score is None:
        return section("verdict", ("not scored yet", "$muted"), "\n", *_gold(trace))
    state = OUTCOMES[str(score.outcome)]
    lines: list[Part] = [(state.text, f"bold ${state.variable}")]
    if score.verdict and score.verdict != state.word:
        lines.append(f"  {plain(score.verdict)}")
    if score.outcome is Outcome.UNSCORED and str(score.reason) not in score.verdict:
        lines.append(f"  {score.reason}")
    if score.truncated:
        lines.append((f"  {TRUNCATED}", "$score-unscored"))
    if score.detail and score.detail not in score.traceback:
        lines.append(f"\n{plain(score.detail)}")
    if score.traceback:
        lines += ["\n", (plain(score.traceback), "$score-failed")]
    lines.append(f"\nanswer read  {plain(score.answer) or '–'}\n")
    lines += _gold(trace)
    lines += _values(score)
    if len(trace.judges) > 1:
        by = f"judge {called(trace.judge)}" if trace.judge else f"panel of {len(trace.by_judge)} judges"
        lines.append((f"\nby           {by}", "$muted"))
    if trace.scorer:
        lines.append((f"\nscorer       {plain(trace.scorer)}", "$muted"))
        made = shown(trace.libraries)
        lines += [(f"\nlibraries    {plain(made)}", "$muted")] if made else []
    return section("verdict", *lines)


def _gold(trace: ItemTrace) -> list[Part]:
    shown = plain(_shown(trace.gold))
    return [f"gold\n{shown}"] if "\n" in shown else [f"gold         {shown}"]


def _values(score: Score) -> list[Part]:
    if not score.values:
        return []
    shown = " · ".join(f"{name} {exact(value)}" for name, value in score.values.items())
    return [f"\nvalues       {shown}{' (the worst: no answer)' if score.outcome is Outcome.UNSCORED else ''}"]


def _bar_line(label: str, share: float, width: int) -> Content:
    full, empty = bar(share, _BAR)
    return Content.assemble(
        f"{label:<{width}} ", (full, "$bar-filled"), (empty, "$bar-empty"), f" {probability(share)}"
    )


def _shown(value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping):
        return "\n".join(f"{key}: {_shown(entry)}" for key, entry in value.items())
    return json.dumps(value, ensure_ascii=False)
