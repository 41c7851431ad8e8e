"""Both figures are shown where outputs could not be read: without those items, and with them as wrong answers."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

import pytest
from rich.console import Console

from medic_console.archive.queries import Reader
from medic_console.audit import Audit
from medic_console.engine.scripted import Reply
from medic_console.headless.results import run_json
from medic_console.headless.results_tables import print_results
from medic_console.metrics import METRICS, compute, compute_official, wilson
from medic_console.records import Outcome, Prompt, Reason, Score
from tests.conftest import Say, Scripts, document, make_plan, sample_task


def scored(**values: float) -> Score:
    return Score(Outcome.SCORED, values)


UNREADABLE = Score.unscored(Reason.UNREADABLE)


def test_an_unreadable_answer_is_left_out_or_counts_as_wrong() -> None:
    scores = [scored(accuracy=1), scored(accuracy=0), UNREADABLE, scored(accuracy=1)]
    assert compute(["accuracy"], scores)["accuracy"].n == 3
    official = compute(["accuracy"], scores, unreadable_as_wrong=True)["accuracy"]
    assert (official.value, official.n) == (50, 4)
    assert official.low == pytest.approx(100 * wilson(0.5, 4)[0])


def test_an_unreadable_query_is_a_wrong_answer_with_its_penalty() -> None:
    # EHRSQL 2024: an answer that does not run costs N. Here +1, 0 and two times -N; N of RS(N) counts all four.
    scores = [scored(rs=1), scored(rs=0), scored(rs=-1), UNREADABLE]
    official = compute_official(["rs_0", "rs_5", "rs_10", "rs_n"], scores)
    assert [official[name].value for name in ("rs_0", "rs_5", "rs_10", "rs_n")] == [25, -225, -475, -175]


def test_only_metrics_with_a_rule_and_only_unreadable_items_count() -> None:
    flagged = scored(flag_accuracy=1, sentence_accuracy=1, rouge_l=0.8)
    others = [Score.unscored(Reason.TRUNCATED), Score.unscored(Reason.GOLD_UNUSABLE), Score.failed("x", "trace")]
    official = compute_official(["flag_accuracy", "sentence_accuracy", "rouge_l"], [flagged, UNREADABLE, *others])
    assert {name: (metric.value, metric.n) for name, metric in official.items()} == {
        "flag_accuracy": (50, 2),
        "sentence_accuracy": (50, 2),
    }
    assert compute(["rouge_l"], [flagged, UNREADABLE], unreadable_as_wrong=True)["rouge_l"].n == 1


def test_when_all_could_be_read_there_is_no_second_figure() -> None:
    assert compute_official(["accuracy"], [scored(accuracy=1), Score.unscored(Reason.TRUNCATED)]) == {}
    assert compute_official(["accuracy"], []) == {}


def test_a_text_that_no_judge_saw_has_no_official_figure() -> None:
    assert compute_official(["refusal_rate", "harm", "coverage"], [UNREADABLE]) == {}


def test_groups_hold_for_both_figures() -> None:
    scores = [scored(accuracy=1), scored(accuracy=1), UNREADABLE, UNREADABLE] * 10
    notes = [str(number // 2) for number in range(40)]
    alone, shared = compute_official(["accuracy"], scores), compute_official(["accuracy"], scores, notes)
    assert alone["accuracy"].low is not None and shared["accuracy"].low is not None
    assert shared["accuracy"].low < alone["accuracy"].low


@pytest.mark.parametrize("name", [name for name, metric in METRICS.items() if metric.proportion and not metric.judged])
def test_every_proportion_counts_an_unreadable_item_in_its_lowest_value(name: str) -> None:
    official = compute_official([name], [UNREADABLE])[name]
    assert (official.value, official.low, official.n) == (0, 0, 1)


def test_score_shows_both_figures(say: Say, tmp_path: Path) -> None:
    items = sample_task("medqa", tmp_path, limit=None).items
    texts = [str(item.gold) for item in items[:-4]] + ["I would rather not say."] * 4
    outputs = tmp_path / "o.jsonl"
    lines = [json.dumps({"id": item.id, "text": text}) for item, text in zip(items, texts, strict=True)]
    outputs.write_text("\n".join(lines), "utf-8")
    record = document(say("score", "medqa", "--outputs", outputs, "--json"))
    assert (record["metrics"]["accuracy"]["value"], record["metrics"]["accuracy"]["n"]) == (100, len(items) - 4)
    official = record["official_metrics"]["accuracy"]
    assert (official["value"], official["n"]) == (pytest.approx(100 * (1 - 4 / len(items))), len(items))
    assert "unanswered as wrong: Accuracy" in say("score", "medqa", "--outputs", outputs)[1]
    # An item without an output is a wrong answer to the official scripts, as one that cannot be read is.
    outputs.write_text("\n".join(lines[:-4]), "utf-8")
    assert document(say("score", "medqa", "--outputs", outputs, "--json"))["official_metrics"]["accuracy"] == official
    whole = [json.dumps({"id": item.id, "text": str(item.gold)}) for item in items]
    outputs.write_text("\n".join(whole), "utf-8")
    assert document(say("score", "medqa", "--outputs", outputs, "--json"))["official_metrics"] == {}
    assert "unanswered as wrong" not in say("score", "medqa", "--outputs", outputs)[1]


def test_a_run_shows_both_figures(tmp_path: Path) -> None:
    task = sample_task("medec", tmp_path, limit=4)
    replies: list[Reply] = ["CORRECT", "", "CORRECT", "CORRECT"]

    def reply(prompt: Prompt) -> Reply:
        return replies.pop(0)

    audit = Audit(tmp_path / "archive.db", make_plan([task]), Scripts(alpha=reply).start)
    list(audit.events())
    with closing(Reader(tmp_path / "archive.db")) as reader:
        run, results = reader.run(audit.run), reader.results(audit.run)
    view = results[0].tasks[0]
    assert view.reasons == {"unreadable": 1}
    assert view.primary.value is not None
    assert view.official["flag_accuracy"].value == pytest.approx(view.primary.value * 3 / 4)
    assert set(view.official) == {"flag_accuracy", "sentence_accuracy"}
    shown = run_json(run, results)["models"][0]["tasks"][0]["official_metrics"]["flag_accuracy"]
    assert (shown["n"], shown["unit"]) == (4, "percent")
    console = Console(width=160, record=True)
    print_results(console, run, results)
    assert "unanswered as wrong: Flag accuracy" in console.export_text()
