"""One item, whole: what came of it, and every text that led there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from medic_console.archive.views import ItemTrace
from medic_console.core.naming import called, full
from medic_console.core.units import count
from medic_console.core.visible import one_line
from medic_console.linear.context import Context
from medic_console.linear.talk import Choice, Key, Page
from medic_console.results.trace_lines import outcome_told, parts, verdict_lines
from medic_console.scoring.methods.cef.score import findings
from medic_console.statistics.words import number


@dataclass(frozen=True, slots=True)
class Place:
    """Where an item stands.

    Attributes:
        items: Ids of the list that it was opened from.
        candidate: sha256.
        judge: sha256, the panel, or empty.
    """

    run: str
    task: str
    items: tuple[str, ...]
    index: int
    candidate: str
    judge: str


class ItemPage(Page):
    """An item under one candidate and judge; its texts are the list."""

    def __init__(self, context: Context, place: Place) -> None:
        self._context, self._place = context, place
        self.title = f"Item {place.items[place.index]}"
        self._trace: ItemTrace | None = None

    @property
    def _read(self) -> ItemTrace:
        if self._trace is None:
            place = self._place
            with self._context.reading() as reader:
                item = place.items[place.index]
                self._trace = reader.trace(place.run, place.task, item, place.candidate, place.judge)
        return self._trace

    def facts(self) -> Iterator[str]:
        """Tell how it ended and why."""
        trace, place = self._read, self._place
        judge = f", judge {full(trace.judge)}" if trace.judge else ""
        where = f"{place.index + 1} of {len(place.items)} of {trace.task.title} in run {place.run}"
        yield f"{where}, by {full(trace.candidate)}{judge}: {outcome_told(trace)}."
        yield from verdict_lines(trace)
        for doubt in (trace.provisional, trace.kin):
            if doubt:
                yield f"Provisional: {doubt}"
        yield from self._findings(trace)

    def choices(self) -> Sequence[Choice]:
        """List the texts, each with its beginning; under a panel each judge too."""
        trace = self._read
        texts = [
            Choice(title, f"{title}, {count(len(text), 'character')}: {one_line(text, 80)}", partial(self._tell, text))
            for title, text in parts(trace)
        ]
        return [*texts, *(self._of_judge(one) for one in trace.by_judge)]

    def keys(self) -> Mapping[str, Key]:
        """Go through the list that it was opened from."""
        return {
            "n": Key("next item", lambda _: self._step(1)),
            "p": Key("item before", lambda _: self._step(-1)),
            "a": Key("all texts, whole", lambda _: self._tell_all()),
        }

    def _findings(self, trace: ItemTrace) -> Iterator[str]:
        if trace.cef is None:
            return
        found = findings(trace.cef)
        yield f"Cross-examination: {count(len(found), 'finding')}."
        sides = {"source": trace.cef.source_questions, "generated": trace.cef.generated_questions}
        for finding in found:
            answer = sides[finding.side][finding.index]
            share = answer.probabilities.get(str(answer.predicted))
            sure = "" if share is None else f", probability {number(share, 2)}"
            yield f"  {finding.kind}: {one_line(finding.question)} Answered {answer.predicted}{sure}."

    def _of_judge(self, trace: ItemTrace) -> Choice:
        name = called(trace.judge) if trace.judge else ""
        sha256 = trace.judge.sha256 if trace.judge else ""
        verdict = trace.score.verdict if trace.score else ""
        place = replace(self._place, judge=sha256)
        label = f"judge {name}: {outcome_told(trace)}, {verdict or 'no verdict'}"
        return Choice(f"judge {name}", label, lambda: self._context.talk.open(ItemPage(self._context, place)))

    def _tell(self, text: str) -> None:
        self._context.talk.say(text or "empty")

    def _tell_all(self) -> None:
        for title, text in parts(self._read):
            self._context.talk.say(f"{title}:")
            self._tell(text)

    def _step(self, by: int) -> None:
        index = self._place.index + by
        if not 0 <= index < len(self._place.items):
            self._context.talk.say("That was the last item." if by > 0 else "That was the first item.")
            return
        self._context.talk.replace(ItemPage(self._context, replace(self._place, index=index)))
