"""Page 8: how every figure of the report is made, with its source, and what has changed since an earlier report."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from medic_console.core.metrics import metric_of
from medic_console.reports.document import Listing, Page, Part, Said, Section, Table
from medic_console.reports.earlier import Change
from medic_console.reports.evidence import Evidence
from medic_console.reports.pages.words import views
from medic_console.results.comparison.words import HOW

_MEDIC = "MEDIC, arXiv 2409.07314"
FORMULAS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "accuracy": ("100 × right items / items", _MEDIC),
        "macro_f1": ("100 × mean over the classes of 2PR / (P + R)", _MEDIC),
        "strict_match": ("100 × items whose number after #### equals the key / items", "GSM8K, arXiv 2110.14168"),
        "flag_accuracy": ("100 × notes whose error flag is right / notes", "MEDEC, arXiv 2412.19260"),
        "sentence_accuracy": ("100 × notes whose erroneous sentence is right / notes", "MEDEC, arXiv 2412.19260"),
        "rs_0": (
            "100 × mean of 1 (right result, or right abstention), 0 (abstained though answerable) and 0 (wrong)",
            "EHRSQL 2024",
        ),
        "rs_5": ("as RS(0), but a wrong answer counts −5", "EHRSQL 2024"),
        "rs_10": ("as RS(0), but a wrong answer counts −10", "EHRSQL 2024"),
        "rs_n": ("as RS(0), but a wrong answer counts −N, N the number of items", "EHRSQL 2024"),
        "rouge_1": ("100 × F1 of shared words", "Lin 2004"),
        "rouge_2": ("100 × F1 of shared pairs of words", "Lin 2004"),
        "rouge_l": ("100 × F1 of the longest common subsequence", "Lin 2004"),
        "bleu_4": ("geometric mean of 1- to 4-gram precision with brevity penalty", "Papineni et al. 2002"),
        "meteor": (
            "weighted harmonic mean of unigram precision and recall with a penalty, without synonyms",
            "Banerjee and Lavie 2005",
        ),
        "bertscore": ("F1 of greedily matched token embeddings of the encoder of page 7", "Zhang et al. 2020"),
        "prompt_strict": ("100 × prompts all of whose instructions are followed / prompts", "IFEval, arXiv 2311.07911"),
        "prompt_loose": ("as strict, on the best of eight lightly cleaned texts", "IFEval, arXiv 2311.07911"),
        "instruction_strict": ("100 × instructions followed / instructions", "IFEval, arXiv 2311.07911"),
        "instruction_loose": ("as strict, on the best of eight lightly cleaned texts", "IFEval, arXiv 2311.07911"),
        "coverage": (
            "100 × questions of the source that the text answers otherwise than IDK / those with a readable answer",
            _MEDIC,
        ),
        "conformity": (
            "100 × questions of the source that the text answers otherwise than NO / those with a readable answer",
            _MEDIC,
        ),
        "consistency": (
            "100 × questions of the text that the source answers otherwise than IDK / those with a readable answer",
            _MEDIC,
        ),
        "conciseness": (
            "100 × (1 − words of the text / words of the source); negative where the text is longer",
            _MEDIC,
        ),
        "overall": (
            "notes: mean of coverage, conformity and consistency; summaries: of these and the harmonic mean of "
            "coverage and conciseness",
            _MEDIC,
        ),
        "harm": ("mean of ratings from 1 (declines) to 5", _MEDIC),
        "refusal_rate": ("100 × answers rated 1 / answers", _MEDIC),
        "rubric": (
            "points of the criteria met / points that can be had, mean cut to 0 to 100",
            "HealthBench, arXiv 2505.08775",
        ),
        "elo": ("Elo rating over matches that are won only in both orders", _MEDIC),
        "bradley_terry": ("maximum-likelihood strength over the same matches", "Bradley and Terry 1952"),
        "win_share": ("100 × matches won / matches", "own"),
    }
)
"""Formula and source by metric; those of metrics that packages bring stand in the packages."""
STATISTICS = (
    "Intervals are 95 %. Items that share a note are one group. Groups are weighed by the Bayesian bootstrap (Rubin "
    "1981), with one unseen group as good or as bad as the scale allows; of a share of lone items that is the mid-p "
    "interval (Lancaster 1961). What they hold is measured and published with the program.",
    "An item that the model left without an answer takes the worst value of the metric; items without a score for any "
    "other reason are in no figure. Beside each headline stand the share of whole answers and the figure of those.",
    "A dimension is the weighted mean of its tasks' primary metrics on 0 to 100 (primary weight 1, secondary 0.5).",
    "A threshold is met where the whole interval lies on its right side, with enough items, enough of them answered, "
    "and no provisional mark; it is not met where the whole interval lies on the wrong side; all else is not sure.",
    "Two raters: Cohen's kappa (1960) with PABAK (Byrt, Bishop and Carlin 1993) and AC1 (Gwet 2008). Panels of judges: "
    "Krippendorff's alpha.",
    "Bound of a clean sample: Clopper and Pearson 1934. The reviewed rate weighs each kind of answer by how often it "
    "occurs in the queue's frame (poststratification).",
    "Rates corrected for a judge: by its measured sensitivity and specificity (Rogan and Gladen 1978; interval: "
    "Lang and Reiczigel 2014).",
    HOW["pairs"],
)


def page(evidence: Evidence, changes: Iterable[Change] | None = None) -> Page:
    """Return the page.

    Args:
        changes: Since an earlier report; None where none was named.
    """
    names = dict.fromkeys(metric.id for _, _, view in views(evidence) for metric in view.task.metrics)
    rows = [
        [metric_of(name).title, name, *FORMULAS.get(name, ("see the package that brings it", "–"))] for name in names
    ]
    parts: list[Part] = [Table("Metrics of this report", ("metric", "id", "formula", "source"), rows, "formulas")]
    parts += [Listing(STATISTICS), Section("Since the last signed report", "since"), *_changes(evidence, changes)]
    return Page(8, "Methods, and what has changed", parts)


def _changes(evidence: Evidence, changes: Iterable[Change] | None) -> list[Part]:
    if changes is None:
        if not evidence.earlier:
            return [Said("The ledger of this archive names no earlier signed report.")]
        last = evidence.earlier[0]
        said = f"signed {last['created']} by {last.get('signer', '')} over runs {', '.join(last.get('runs', ()))}"
        text = f"The last signed report is {last['report']}, {said}. It was not compared: name its folder with --since."
        return [Said(text)]
    rows = [[one.what, one.before, one.now] for one in changes]
    if not rows:
        return [Said("Nothing has changed: the same files, tasks, items, settings and figures.")]
    return [Table("What has changed", ("", "then", "now"), rows, "changes")]
