"""The questions of a cross-examination: findings first, both directions, beside the other candidates' answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from textual.content import Content

from medic_console.archive.views import Call, ItemTrace
from medic_console.console.bars import probability
from medic_console.console.glyphs import LABELS, State
from medic_console.console.inspect.trace_parts import counts, joined, judge_calls, probabilities, section
from medic_console.console.text import plain
from medic_console.core.digest import short
from medic_console.core.naming import called
from medic_console.core.records import CefTrace, CrossAnswer, Label
from medic_console.scoring.methods.cef.flow import read_reply
from medic_console.scoring.methods.cef.score import FindingKind, findings
from medic_console.scoring.methods.weighing import outside, too_little

SOURCE, GENERATED = "source", "generated"
FINDINGS: Mapping[FindingKind, State] = MappingProxyType(
    {
        FindingKind.CONTRADICTION: State("✗", str(FindingKind.CONTRADICTION), "label-no"),
        FindingKind.CONTRADICTED_BY_SOURCE: State("✗", str(FindingKind.CONTRADICTED_BY_SOURCE), "label-no"),
        FindingKind.HALLUCINATION: State("?", str(FindingKind.HALLUCINATION), "label-idk"),
        FindingKind.OMISSION: State("○", str(FindingKind.OMISSION), "label-idk"),
    }
)

_ORDER = (
    FindingKind.CONTRADICTION,
    FindingKind.CONTRADICTED_BY_SOURCE,
    FindingKind.HALLUCINATION,
    FindingKind.OMISSION,
)


@dataclass(frozen=True, slots=True)
class Given:
    """An answer to one question.

    Attributes:
        label: None when the judge's text could not be read, or its labels hold too little.
        weighed: The judge's probability of each answer; empty when it did not choose.
    """

    label: Label | None
    weighed: Mapping[str, float] = field(default_factory=dict)

    @property
    def probability(self) -> float | None:
        """The judge's, of this answer; None when it did not choose, or what it chose cannot be read."""
        return self.weighed.get(str(self.label))

    @property
    def outside(self) -> float | None:
        """The judge's probability of any other text than the answers; None when it did not choose."""
        return outside(self.weighed)

    @property
    def objection(self) -> str:
        """Why there is no answer, where the labels hold too little of the probability; else empty."""
        return too_little(self.weighed) if self.label is None else ""

    @property
    def tied(self) -> bool:
        """Whether the likeliest answers are exactly as likely."""
        shares = list(self.weighed.values())
        return shares.count(max(shares, default=0.0)) > 1

    @property
    def mass(self) -> str:
        """All probabilities, the likeliest first: "NO .12, YES .12, outside .76"."""
        ranked = sorted(self.weighed.items(), key=lambda pair: -pair[1])
        shares = [*ranked, *([("outside", self.outside)] if self.outside is not None else [])]
        return ", ".join(f"{name} {probability(share)}" for name, share in shares)

    @property
    def state(self) -> State:
        """How it is shown."""
        return LABELS[self.label]


@dataclass(frozen=True, slots=True)
class AskedQuestion:
    """One question with its answers.

    Attributes:
        side: `source` or `generated`: the text that the question came from; the other answered.
        index: On its side, from 0.
        given: One answer a candidate, or of a panel one a judge; None where this was not asked.
        chosen: Number of the candidate whose text is shown, or of the judge whose answer counts.
        kind: Of the finding; None when the answer speaks for the text.
    """

    side: str
    index: int
    question: str
    given: tuple[Given | None, ...]
    chosen: int
    kind: FindingKind | None

    @property
    def key(self) -> str:
        """Names the row."""
        return f"{self.side} {self.index}"

    @property
    def step(self) -> str:
        """Name of the judge's request."""
        return f"{self.side}-{self.index + 1:02d}"

    @property
    def answer(self) -> Given:
        """What the chosen candidate's text was found to say, or what the source says of it."""
        found = self.given[self.chosen]
        assert found is not None
        return found

    @property
    def state(self) -> State | None:
        """How the finding is shown."""
        return FINDINGS[self.kind] if self.kind else None

    @property
    def disputed(self) -> bool:
        """Whether the candidates' texts, or a panel's judges, answer differently."""
        return len({given.label for given in self.given if given is not None}) > 1

    def unsure(self, threshold: float) -> bool:
        """Tell whether the judge's probability of its answer is below a threshold."""
        return self.answer.probability is not None and self.answer.probability < threshold


def questions(traces: Sequence[CefTrace | None], chosen: int) -> tuple[AskedQuestion, ...]:
    """Return the chosen candidate's questions: findings by kind, then unreadable answers, then the rest.

    Args:
        traces: One a candidate, of the same item and judge; None where there is no cross-examination.
        chosen: Number of the candidate whose text is shown.
    """
    trace = traces[chosen]
    if trace is None:
        return ()
    found = {(finding.side, finding.index): finding.kind for finding in findings(trace)}
    same = [_by_words(other.source_questions) if other else {} for other in traces]
    listed = [
        AskedQuestion(
            SOURCE, index, one.question, tuple(_given(s.get(_words(one.question))) for s in same), chosen, kind
        )
        for index, one in enumerate(trace.source_questions)
        for kind in (found.get((SOURCE, index)),)
    ]
    for index, one in enumerate(trace.generated_questions):
        given = tuple(_given(one) if number == chosen else None for number in range(len(traces)))
        listed.append(AskedQuestion(GENERATED, index, one.question, given, chosen, found.get((GENERATED, index))))
    return tuple(sorted(listed, key=_rank))


def panel_questions(traces: Sequence[CefTrace | None]) -> tuple[AskedQuestion, ...]:
    """Return every judge's questions about one text; one that several asked stands once, with each one's answer.

    The gravest finding that any of them makes is the question's, and `chosen` is the number of the judge that makes it.

    Args:
        traces: One a judge, of the same item and candidate; None where there is no cross-examination.
    """
    asked: dict[tuple[str, str], dict[int, AskedQuestion]] = {}
    for number, trace in enumerate(traces):
        for one in questions((trace,), 0):
            asked.setdefault((one.side, _words(one.question)), {}).setdefault(number, one)
    listed: list[AskedQuestion] = []
    for (side, _), by_judge in asked.items():
        given = tuple(by_judge[n].answer if n in by_judge else None for n in range(len(traces)))
        chosen = min(by_judge, key=lambda number: _rank(by_judge[number]))
        index = sum(other.side == side for other in listed)
        listed.append(AskedQuestion(side, index, by_judge[chosen].question, given, chosen, by_judge[chosen].kind))
    return tuple(sorted(listed, key=_rank))


def same_question(asked: AskedQuestion, trace: CefTrace | None) -> AskedQuestion | None:
    """Return a question as one judge's cross-examination holds it; None where that judge did not ask it."""
    own = questions((trace,), 0)
    return next((o for o in own if o.side == asked.side and _words(o.question) == _words(asked.question)), None)


def _rank(asked: AskedQuestion) -> int:
    return _ORDER.index(asked.kind) if asked.kind else len(_ORDER) + (asked.answer.label is not None)


def _words(question: str) -> str:
    return " ".join(question.split()).casefold()


def _by_words(answers: Sequence[CrossAnswer]) -> dict[str, CrossAnswer]:
    return {_words(answer.question): answer for answer in answers}


def _given(answer: CrossAnswer | None) -> Given | None:
    return Given(answer.predicted, answer.probabilities) if answer else None


def judged(trace: ItemTrace, asked: AskedQuestion | None) -> Content:
    """Return the judge's answer to one question: raw text, probabilities, prompt, and the list that it came from.

    Args:
        trace: Of the candidate whose text is shown; of a panel, the answer of each judge that asked this.
        asked: The marked question; None shows every request of the judge.
    """
    if trace.by_judge:
        each = [(one, same_question(asked, one.cef) if asked else None) for one in trace.by_judge]
        return joined(
            Content("\n").join([_title(one), judged(one, own)]) for one, own in each if own is not None or asked is None
        )
    call = next((c for c in trace.calls if asked is not None and c.step == asked.step), None)
    if asked is None or call is None:
        return judge_calls(trace) or Content.styled("The judge was not asked.", "$muted")
    blocks = [
        section("question", plain(asked.question)),
        section("raw answer", plain(call.output.text) or ("empty", "$muted"), f"   read as {_reading(asked.answer)}"),
    ]
    own = next((c for c in trace.calls if c.step == f"{asked.step}-gold"), None)
    if own is not None:
        said = Given(read_reply(own.output), own.output.probabilities)
        raw = plain(own.output.text) or ("empty", "$muted")
        blocks.append(section("raw answer from its own text (gold)", raw, f"   read as {_reading(said)}"))
        if said.weighed:
            blocks.append(section("probabilities of the gold answer", probabilities(own.output)))
    if call.output.probabilities:
        blocks.append(section("probabilities", probabilities(call.output)))
    if call.output.thinking:
        blocks.append(section("thinking", plain(call.output.thinking)))
    blocks += [section(f"prompt: {message['role']}", plain(str(message["content"]))) for message in _messages(call)]
    blocks.append(section("limits and engine", counts(call)))
    return joined([*blocks, *_list(trace, asked.side)])


def _reading(given: Given) -> str:
    return f"{given.state.text}: {given.objection}" if given.objection else given.state.text


def _title(trace: ItemTrace) -> Content:
    name = f"{called(trace.judge)} {short(trace.judge.sha256)}" if trace.judge else ""
    return Content.styled(f"── judge {name} ──", "bold $accent")


def _list(trace: ItemTrace, side: str) -> list[Content]:
    """Return how the questions of one side came about: what was dropped and why, and the judge's raw list."""
    listed = next((one for one in trace.cef.lists if one.side == side), None) if trace.cef else None
    blocks = []
    if listed is not None:
        broken = " The list broke off; its whole entries were kept." if listed.repaired else ""
        head = f"asked for {listed.asked}, kept {listed.kept}, dropped {len(listed.dropped)}.{broken}"
        lines = [Content(head), *(Content(f"− {plain(text)}   {reason}") for text, reason in listed.dropped)]
        blocks.append(section(f"list of {side} questions", Content("\n").join(lines)))
    raw = next((call for call in trace.calls if call.step == f"{side}-questions"), None)
    if raw is not None:
        blocks.append(section(f"raw list of {side} questions", plain(raw.output.text)))
    return blocks


def _messages(call: Call) -> list[dict[str, object]]:
    return list(call.prompt["messages"])
