"""Page 8: how every figure of the report is made, with its source, and what has changed since an earlier report."""

from __future__ import annotations

from collections.abc import Iterable

from medic_console.core.metrics import Metric, metric_of
from medic_console.reports.document import Listing, Page, Part, Said, Section, Table
from medic_console.reports.earlier import Change
from medic_console.reports.evidence import Evidence
from medic_console.reports.pages.words import views
from medic_console.results.comparison.words import HOW

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
    rows = [[one.title, name, *_made(one)] for name, one in ((name, metric_of(name)) for name in names)]
    parts: list[Part] = [Table("Metrics of this report", ("metric", "id", "formula", "source"), rows, "formulas")]
    parts += [Listing(STATISTICS), Section("Since the last signed report", "since"), *_changes(evidence, changes)]
    return Page(8, "Methods, and what has changed", parts)


def _made(metric: Metric) -> tuple[str, str]:
    """Return formula and source, as the metric itself states them."""
    return metric.formula or "see the package that brings it", metric.reference or "–"


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
