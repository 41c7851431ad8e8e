"""What is made of the values of items: every metric by its id, ours and those that installed parts bring."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from medic_console.core.registry import Registry

JUDGE_METHODS = tuple(f"medic_console.scoring.methods.{name}.method" for name in ("cef", "pairwise", "harm", "rubric"))
"""Our methods of judges; each brings its own metrics (`suite.judging.METHODS`)."""
CHANCE = "chance"
"""Key of `Score.values`: probability that guessing takes the right one of the item's options."""


@dataclass(frozen=True, slots=True)
class Metric:
    """How a metric is made from item values."""

    title: str
    source: str
    """Key of `Score.values`."""
    scale: float = 1.0
    """Factor from the item's value to the metric's unit."""
    least: float = 0.0
    """Least item value that the scale has; single values may lie below it where the metric has no least one."""
    most: float = 1.0
    """Greatest item value."""
    penalty: int | None = None
    """Factor of a value of -1 (EHRSQL's reliability score); None leaves values as they are."""
    by_count: bool = False
    """The penalty is the number of items."""
    proportion: bool = False
    """Item values can only be 0 or 1."""
    over: str = ""
    """Key of a count in `Score.values`: the metric is the sum of `source` over the sum of this; empty for a mean."""
    key: str = ""
    """Key of the item's own class in `Score.values`: the metric is the macro-F1 of `source`, the class answered."""
    clip: bool = False
    """The mean and its interval are cut to 0-1 before scaling (HealthBench's rule); single values are not."""
    unit: str = "percent"
    chance: float | None = None
    """Value that guessing has on every item; None where it has none, or where `CHANCE` stands with each item."""
    formula: str = ""
    """How it is made, in the words of a report's page of methods."""
    reference: str = ""
    """Where that comes from."""
    against: bool = False
    """Item values come from matches with the other candidates of a run: in another run they are other ones."""


_SHARED: Mapping[str, Metric] = MappingProxyType(
    {
        "accuracy": Metric(
            "Accuracy",
            "accuracy",
            100.0,
            proportion=True,
            formula="100 × right items / items",
            reference="MEDIC, arXiv 2409.07314",
        ),
        "macro_f1": Metric(
            "Macro-F1",
            "answer_class",
            100.0,
            key="key_class",
            formula="100 × mean over the classes of 2PR / (P + R)",
            reference="MEDIC, arXiv 2409.07314",
        ),
        "strict_match": Metric(
            "Strict match",
            "strict_match",
            100.0,
            proportion=True,
            formula="100 × items whose number after #### equals the key / items",
            reference="GSM8K, arXiv 2110.14168",
        ),
        "flag_accuracy": Metric(
            "Flag accuracy",
            "flag_accuracy",
            100.0,
            proportion=True,
            chance=0.5,
            formula="100 × notes whose error flag is right / notes",
            reference="MEDEC, arXiv 2412.19260",
        ),
        "sentence_accuracy": Metric(
            "Sentence accuracy",
            "sentence_accuracy",
            100.0,
            proportion=True,
            formula="100 × notes whose erroneous sentence is right / notes",
            reference="MEDEC, arXiv 2412.19260",
        ),
        "rs_0": Metric(
            "RS(0)",
            "rs",
            100.0,
            penalty=0,
            proportion=True,
            formula="100 × mean of 1 (right, or abstained rightly) and 0 (else); an item of −1 is a wrong answer",
            reference="EHRSQL 2024",
        ),
        "rs_5": Metric(
            "RS(5)", "rs", 100.0, penalty=5, formula="as RS(0), but a wrong answer counts −5", reference="EHRSQL 2024"
        ),
        "rs_10": Metric(
            "RS(10)",
            "rs",
            100.0,
            penalty=10,
            formula="as RS(0), but a wrong answer counts −10",
            reference="EHRSQL 2024",
        ),
        "rs_n": Metric(
            "RS(N)",
            "rs",
            100.0,
            by_count=True,
            formula="as RS(0), but a wrong answer counts −N, N the number of items",
            reference="EHRSQL 2024",
        ),
        "rouge_l": Metric(
            "ROUGE-L", "rouge_l", 100.0, formula="100 × F1 of the longest common subsequence", reference="Lin 2004"
        ),
        "bleu_4": Metric(
            "BLEU-4",
            "bleu_4",
            100.0,
            formula="100 × geometric mean of 1- to 4-gram precision with brevity penalty",
            reference="Papineni et al. 2002",
        ),
        "rouge_1": Metric("ROUGE-1", "rouge_1", 100.0, formula="100 × F1 of shared words", reference="Lin 2004"),
        "rouge_2": Metric(
            "ROUGE-2", "rouge_2", 100.0, formula="100 × F1 of shared pairs of words", reference="Lin 2004"
        ),
        "meteor": Metric(
            "METEOR",
            "meteor",
            100.0,
            formula="100 × weighted harmonic mean of unigram precision and recall with a penalty, without synonyms",
            reference="Banerjee and Lavie 2005",
        ),
        "bertscore": Metric(
            "BERTScore",
            "bertscore",
            100.0,
            formula="100 × F1 of greedily matched token embeddings of the encoder of page 7",
            reference="Zhang et al. 2020",
        ),
        "prompt_strict": Metric(
            "Prompts followed, strict",
            "prompt_strict",
            100.0,
            proportion=True,
            formula="100 × prompts all of whose instructions are followed / prompts",
            reference="IFEval, arXiv 2311.07911",
        ),
        "prompt_loose": Metric(
            "Prompts followed, loose",
            "prompt_loose",
            100.0,
            proportion=True,
            formula="as strict, on the best of eight lightly cleaned texts",
            reference="IFEval, arXiv 2311.07911",
        ),
        "instruction_strict": Metric(
            "Instructions followed, strict",
            "followed_strict",
            100.0,
            over="instructions",
            formula="100 × instructions followed / instructions",
            reference="IFEval, arXiv 2311.07911",
        ),
        "instruction_loose": Metric(
            "Instructions followed, loose",
            "followed_loose",
            100.0,
            over="instructions",
            formula="as strict, on the best of eight lightly cleaned texts",
            reference="IFEval, arXiv 2311.07911",
        ),
    }
)

METRICS: Registry[Metric] = Registry(
    "metric", modules=JUDGE_METHODS, beside=("medic_console.scorers", "medic_console.methods")
)
"""Metrics that are no part's own stand here; a scorer or a judge method brings more as it registers itself."""


def metric_of(name: str) -> Metric:
    """Return the metric of that id; one that no installed package brings has no values.

    Runs are kept for longer than packages: what has no figure any more must not hide the figures beside it.
    """
    return METRICS[name] if name in METRICS else Metric(name, "")


def add_metrics(values: Mapping[str, Metric], module: str) -> None:
    """Register the metrics that a part brings.

    Args:
        values: By id, as task files name them.
        module: The part's, dotted.

    Raises:
        UsageError: One is no `Metric`, or its id is taken.
    """
    for name, metric in values.items():
        _check(name, module, metric)
        METRICS.add(name, metric, module)


def _check(name: str, module: str, metric: object) -> None:
    """Refuse what is no metric; what others write was not typed by us."""
    if not isinstance(metric, Metric):
        METRICS.refuse(name, module, "it is no Metric")


add_metrics(_SHARED, __name__)
