"""What the archive shows: plain records that screens and reports read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from medic_console.scoring.methods.weighing import FLOOR
from medic_console.scoring.steps import ANSWER, FOLLOW_UP

if TYPE_CHECKING:
    from medic_console.core.offline import Network
    from medic_console.core.records import CefTrace, Counts, Dimension, Figure, MetricValue, Output, Score
    from medic_console.scoring.methods.cef.score import FindingKind
    from medic_console.statistics.aggregates import Aggregate
    from medic_console.statistics.agreement import Agreement
    from medic_console.statistics.ranks import Correlation
    from medic_console.suite.task import Task


def column_of(model: str, run: str) -> str:
    """Return the name of a model's column in a comparison; without a run, the model's own."""
    return f"{model}@{run}" if run else model


@dataclass(frozen=True, slots=True)
class ModelView:
    """A model that the archive knows."""

    sha256: str
    name: str
    size: int
    architecture: str
    quantisation: str
    parameters: int
    context: int
    metadata: Mapping[str, Any] = field(default_factory=dict)
    file: str = ""
    """Path at the time of the run; empty outside a run."""
    runs: int = 0
    run: str = ""
    """The run whose figures alone stand for it in a comparison; empty: those of any of its runs."""

    @property
    def column(self) -> str:
        """Names it among the columns of a comparison: its sha256, with its run where it is pinned to one."""
        return column_of(self.sha256, self.run)


@dataclass(frozen=True, slots=True)
class RunView:
    """One run in a list.

    Attributes:
        status: `new`, `running`, `done`, `interrupted`, `stopped`, or `died` (its process is gone; resumable).
        total: Scores that it will have in the end.
        counts: Scores that it has.
        part: Which shards of its plan it holds, in words; empty for a whole run.
        network: What was seen of sockets, by sitting that has ended; None where nothing was watched.
    """

    id: str
    created: str
    status: str
    candidates: tuple[ModelView, ...]
    judges: tuple[ModelView, ...]
    tasks: tuple[str, ...]
    total: int
    counts: Counts
    part: str = ""
    network: tuple[Network | None, ...] = ()


@dataclass(frozen=True, slots=True)
class JudgeAgreement:
    """How far several judges agree on one task.

    Attributes:
        alpha: Krippendorff's, over verdicts (nominal), ratings of harm (ordinal) or overall scores (interval).
        ranks: Spearman's correlation of the orders in which two judges (sha256) put the candidates.
    """

    alpha: Agreement
    ranks: Mapping[tuple[str, str], Correlation]


@dataclass(frozen=True, slots=True)
class LabelMass:
    """What the labels of a multiple-choice task hold of the probability; the rest is any other text's.

    Attributes:
        held: Mean over the items, 0 to 1.
        items: Items that it is taken over.
        first: They are the first items alone: the labels held too little, and the answers were generated.
    """

    held: float
    items: int
    first: bool = False

    @property
    def told(self) -> str:
        """It in a sentence."""
        share = f"{100 * self.held:.1f} % of the probability"
        if self.first:
            return (
                f"answers are generated: the labels held {share} on the first {self.items} items, so choosing among "
                "them would be no answer (--multiple-choice auto)"
            )
        too_little = self.held < FLOOR
        more = ": the model would sooner write something else (--multiple-choice generated reads that)"
        return f"the labels hold {share}{more if too_little else ''}"

    @property
    def warns(self) -> bool:
        """Whether a person should know of it before the figures."""
        return self.first or self.held < FLOOR


@dataclass(frozen=True, slots=True)
class Stability:
    """How many of a candidate's answers are the same where nothing but the shape of the computation differs.

    Attributes:
        share: Percent of the items that both runs asked, with its interval.
        here: The shape of this run, in words.
        there: The shape of the other ones.
        changed: Items whose answers differ, in their order.
        whole: Texts were compared word for word, as a judge reads them; else what was read of them.
    """

    share: Figure
    here: str
    there: str
    changed: tuple[str, ...]
    whole: bool = False

    @property
    def compared(self) -> str:
        """What was compared, in words."""
        return "texts, word for word" if self.whole else "answers, as read"

    @property
    def shapes(self) -> str:
        """Both shapes, in words."""
        return f"here {self.here}; there {self.there}"


@dataclass(frozen=True, slots=True)
class Challenged:
    """Items of a task whose reference labels reviewers dispute.

    Attributes:
        accepted: Challenges that a second reviewer accepted.
        open: Those that wait for one.
        figure: The main metric over the items without an accepted challenge; None where none is accepted, or where the
            metric is made of matches.
    """

    accepted: int
    open: int
    figure: MetricValue | None


@dataclass(frozen=True, slots=True)
class TaskView:
    """One task of a run under one candidate (and judge, for judged tasks).

    Attributes:
        items: Items in the run.
        counts: Of the scores so far.
        metrics: By metric id.
        reasons: Unscored items by reason.
        origin: `sample` or `official`.
        breakdown: The rubric score by tag: of items (themes) and of criteria (axes).
        findings: Questions of the cross-examinations that speak against the texts, by kind; a panel has none itself.
        provisional: Why the figures are not to be relied on yet, in a sentence; empty when they are, or without judge.
        kin: How the judge is kin to the candidate, in words; empty when it is not known to be.
        corrected: What a judge without errors would have found, by metric; empty while its errors are not measured.
        by_judge: Each judge's results, where several judged and these are the panel's.
        agreement: Of several judges on this task, over all candidates.
        prompt_notes: What a person should know of how the candidate's prompts came about, and whether a
            served model is another than before, in sentences.
        labels: Of multiple choice, what the labels hold; None where none were weighed.
        stability: Of the answers in another shape of the computation; None where no run tried one.
        shapes: In which shapes of the computation the candidate answered, such as "8 sequences, streams".
        challenged: Of disputed labels; None where nobody disputes one.
    """

    task: Task
    candidate: str
    judge: str
    items: int
    counts: Counts
    metrics: Mapping[str, MetricValue]
    reasons: Mapping[str, int]
    origin: str
    source: str
    notes: tuple[str, ...]
    breakdown: Mapping[str, MetricValue] = field(default_factory=dict)
    findings: Mapping[FindingKind, int] = field(default_factory=dict)
    provisional: str = ""
    kin: str = ""
    corrected: Mapping[str, MetricValue] = field(default_factory=dict)
    by_judge: tuple[TaskView, ...] = ()
    agreement: JudgeAgreement | None = None
    prompt_notes: tuple[str, ...] = ()
    labels: LabelMass | None = None
    stability: Stability | None = None
    shapes: tuple[str, ...] = ()
    challenged: Challenged | None = None

    def under(self, judge: str) -> TaskView:
        """Return the results under one judge of the panel; itself where there is none."""
        return next((one for one in self.by_judge if one.judge == judge), self)

    @property
    def primary(self) -> MetricValue:
        """The metric that stands for the task."""
        return self.metrics[self.task.primary_metric.id]


@dataclass(frozen=True, slots=True)
class ModelResult:
    """All of a candidate's results in a run: under its judge, or of the panel where several judged."""

    model: ModelView
    tasks: tuple[TaskView, ...]
    dimensions: Mapping[Dimension, Aggregate]

    @property
    def prompt_notes(self) -> tuple[str, ...]:
        """What a person should know of how the candidate's prompts came about, in sentences."""
        return tuple(dict.fromkeys(note for view in self.tasks for note in view.prompt_notes))


@dataclass(frozen=True, slots=True)
class ItemRow:
    """One item in a list."""

    task: str
    item: str
    candidate: str
    judge: str
    position: int
    outcome: str
    """Empty while it has no score."""
    reason: str
    verdict: str
    answer: str
    values: Mapping[str, float]
    truncated: bool = False
    """Its text was judged as its token limit left it."""
    libraries: Mapping[str, str] | None = None
    """Versions of the libraries that made the score, by name; None when they were not stored."""
    question: str = ""
    """The beginning of what the item asks, or of the text that it is about."""
    reference: str = "null"
    """The item's reference as the archive has it, JSON: of a long list few are looked at."""

    @property
    def gold(self) -> Any:
        """The item's reference; None without one."""
        return json.loads(self.reference)


@dataclass(frozen=True, slots=True)
class Call:
    """One generation that belongs to an item.

    Attributes:
        step: `answer` and `answer-2` for the candidate; `source-questions`, `source-01` and the like for a judge.
        prompt: As `Prompt.content()` gave it: messages, limits, labels.
        granted: What the engine ran with.
        template: Jinja text of the chat template; empty when the archive does not hold it.
    """

    step: str
    model: str
    output: Output
    prompt: Mapping[str, Any]
    granted: Mapping[str, Any]
    created: str
    sitting: int
    template: str = ""

    @property
    def of_candidate(self) -> bool:
        """Whether the candidate made it, and not a judge."""
        return self.step in (ANSWER, FOLLOW_UP)


@dataclass(frozen=True, slots=True)
class ItemTrace:
    """All that is known of one item under one candidate and judge.

    Attributes:
        judge: None without one, and of a panel.
        score: None while it has none.
        scorer: Name and version of the scorer.
        libraries: Versions of the libraries that made the score; None when they were not stored.
        calls: The candidate's answer first, then the judge's.
        cef: The cross-examination, for judged tasks that were scored; a panel has none of its own.
        judges: All judges of the run, where the task is judged.
        by_judge: Each judge's trace, where this is the panel's.
    """

    run: str
    task: Task
    item: str
    fields: Mapping[str, Any]
    gold: Any
    group: str
    candidate: ModelView
    judge: ModelView | None
    score: Score | None
    scorer: str
    calls: tuple[Call, ...]
    resources: Mapping[str, str]
    provisional: str = ""
    """Why the judge's verdict is not to be relied on yet, in a sentence; empty when it is, or without a judge."""
    kin: str = ""
    """How the judge is kin to the candidate; empty when it is not known to be."""
    judges: tuple[ModelView, ...] = ()
    by_judge: tuple[ItemTrace, ...] = ()
    libraries: Mapping[str, str] | None = None

    @property
    def answer(self) -> Output | None:
        """The candidate's output, if there is one."""
        return next((call.output for call in self.calls if call.step == "answer"), None)

    @property
    def generated(self) -> str:
        """What the candidate wrote, whole: of a task with a follow-up both texts, one after the other."""
        return "\n\n".join(call.output.text for call in self.calls if call.of_candidate)

    @property
    def doubted(self) -> bool:
        """Whether the judge's verdict carries the provisional mark: the judge is not qualified, or kin."""
        return bool(self.provisional or self.kin)

    @property
    def cef(self) -> CefTrace | None:
        """The cross-examination, if there is one."""
        return self.score.cef if self.score else None
