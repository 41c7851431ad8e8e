"""Outputs and traces that were made elsewhere."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Say, document, refused, sample_task


def jsonl(path: Path, *records: object) -> Path:
    path.write_text("".join(json.dumps(record) + "\n" for record in records), "utf-8")
    return path


def golds(tmp_path: Path) -> list[dict[str, str]]:
    return [{"id": item.id, "text": str(item.gold)} for item in sample_task("medqa", tmp_path, limit=None).items]


def test_outputs_made_elsewhere_are_scored(say: Say, tmp_path: Path) -> None:
    records = golds(tmp_path)
    wrong = {**records[0], "text": "E" if records[0]["text"] != "E" else "A"}
    outputs = jsonl(tmp_path / "o.jsonl", wrong, *records[1:-1])
    record = document(say("score", "medqa", "--outputs", outputs, "--json"))
    assert {"task", "task_version", "counts", "metrics", "items"} <= set(record)
    assert record["counts"] == {"scored": 14, "unscored": 2, "failed": 0}
    accuracy = record["metrics"]["accuracy"]
    assert (accuracy["value"], accuracy["n"], accuracy["chance"]) == (100 * 14 / 16, 16, 25.0)
    assert (accuracy["answered"]["value"], accuracy["answered"]["n"]) == (100.0, 14)
    # Mid-p of 14 of 16, by root finding on the binomial distribution; of 14 of 14: 0.05 ** (1 / 14).
    assert (accuracy["low"], accuracy["high"]) == (pytest.approx(64.475, abs=0.1), pytest.approx(97.849, abs=0.1))
    assert accuracy["answered"]["low"] == pytest.approx(80.736, abs=0.1)
    assert accuracy["share_answered"]["value"] == 100 * 14 / 16
    assert [item["id"] for item in record["items"]] == [r["id"] for r in records]
    assert record["items"][1] == {
        "id": records[1]["id"],
        "outcome": "scored",
        "scores": {"accuracy": 1.0, "chance": 0.25},
        "answer": records[1]["text"],
        "verdict": "right",
    }
    for item, reason in ((record["items"][0], "unreadable"), (record["items"][-1], "no output")):
        assert (item["reason"], item["scores"]) == (reason, {})
        assert item["worst_values"] == {"accuracy": 0.0, "chance": 0.25}


def test_scored_outputs_are_told_with_what_was_answered(
    say: Say, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "160")
    records = golds(tmp_path)
    code, out, _ = say("score", "medqa", "--outputs", jsonl(tmp_path / "o.jsonl", *records[:14]))
    assert code == 0
    assert "16 items: 14 scored, 2 unscored, 0 failed" in out
    told = (
        "accuracy 87.5 percent [64.5, 97.8] 16 88 % [64, 98] answered, of those 100.0 [80.8, 100.0] n 14; chance 25.0"
    )
    assert told in " ".join(out.split())
    whole = say("score", "medqa", "--outputs", jsonl(tmp_path / "o.jsonl", *records), "--plain")[1]
    assert "n: 16; answered: all answered; chance 25.0." in whole


def test_an_output_for_an_unknown_item_is_refused(say: Say, tmp_path: Path) -> None:
    outputs = jsonl(tmp_path / "o.jsonl", golds(tmp_path)[0], {"id": "nobody", "text": "A"})
    refused(say("score", "medqa", "--outputs", outputs, "--json"), "o.jsonl, line 2", "no item has the id nobody")


def test_a_second_output_for_an_item_is_refused(say: Say, tmp_path: Path) -> None:
    first = golds(tmp_path)[0]
    outputs = jsonl(tmp_path / "o.jsonl", first, first)
    refused(say("score", "medqa", "--outputs", outputs, "--json"), "line 2", f"id {first['id']} was given before")


@pytest.mark.parametrize(
    ("line", "part"),
    [
        ("{broken", "not JSON"),
        ("[1]", "not a JSON object"),
        ('{"id": "medqa-sample-01"}', "expected"),
        ('{"id": "medqa-sample-01", "text": 5}', "expected"),
    ],
)
def test_a_broken_line_of_outputs_is_named(line: str, part: str, say: Say, tmp_path: Path) -> None:
    outputs = tmp_path / "o.jsonl"
    outputs.write_text(f"\n{line}\n")
    refused(say("score", "medqa", "--outputs", outputs), "o.jsonl, line 2", part)


def test_outputs_that_are_not_there_are_named(say: Say, tmp_path: Path) -> None:
    refused(say("score", "medqa", "--outputs", tmp_path / "none.jsonl"), "none.jsonl", "cannot be read")


def test_a_judged_task_is_not_scored_from_outputs(say: Say, tmp_path: Path) -> None:
    outputs = jsonl(tmp_path / "o.jsonl")
    refused(say("score", "aci_bench", "--outputs", outputs), "scored by a judge", "cef-score")


def asked(*pairs: tuple[str | None, str | None]) -> list[dict[str, str | None]]:
    return [{"question": f"Q{n}?", "gold": gold, "predicted": said} for n, (gold, said) in enumerate(pairs)]


TRACE = {
    "id": "t1",
    "source": "one two three four five six seven eight nine ten.",
    "generated": "one two three four five, six",
    "source_questions": asked(("YES", "YES"), ("YES", "IDK"), ("YES", "NO"), ("IDK", "IDK")),
    "generated_questions": asked(("YES", "YES"), ("YES", "NO"), ("YES", "IDK"), ("YES", None)),
}


@pytest.mark.parametrize(
    ("protocol", "coverage", "conformity", "consistency", "conciseness", "overall"),
    [
        # of 4 source answers 2 are IDK and 1 is NO; of 3 readable answers to the text's questions 1 is IDK
        ("paper", 50.0, 75.0, 200 / 3, 40.0, (50 + 75 + 200 / 3) / 3),
        # the question whose gold is IDK stays out; punctuation marks are tokens: 11 and 7
        ("reference-library", 2 / 3, 2 / 3, 2 / 3, 4 / 11, 2 / 3),
        # consistency counts every answer that differs from gold: 2 of 3
        ("reference-scripts", 2 / 3, 2 / 3, 1 / 3, 0.4, 5 / 9),
    ],
)
def test_a_trace_is_scored_as_worked_by_hand(
    protocol: str,
    coverage: float,
    conformity: float,
    consistency: float,
    conciseness: float,
    overall: float,
    say: Say,
    tmp_path: Path,
) -> None:
    traces = jsonl(tmp_path / "t.jsonl", TRACE)
    record = document(say("cef-score", traces, "--protocol", protocol, "--json"))
    assert (record["protocol"], record["traces"]) == (protocol, 1)
    (item,) = record["items"]
    assert item["protocol_scores"] == {
        "coverage": pytest.approx(coverage, abs=1e-6),
        "conformity": pytest.approx(conformity, abs=1e-6),
        "consistency": pytest.approx(consistency, abs=1e-6),
        "conciseness": pytest.approx(conciseness, abs=1e-6),
        "overall": pytest.approx(overall, abs=1e-6),
    }
    assert item["findings"] == {
        "omissions": 2,
        "contradictions": 1,
        "hallucinations": 1,
        "contradicted_by_source": 1,
        "source_unreadable": 0,
        "generated_unreadable": 1,
    }
    scale = 1 if protocol == "paper" else 100
    assert record["metrics"]["overall"]["value"] == pytest.approx(overall * scale, abs=1e-4)


def test_each_finding_is_told_with_its_evidence_in_the_other_text(say: Say, tmp_path: Path) -> None:
    trace = {
        "id": "t1",
        "source": "The patient denies fever. She takes losartan.",
        "generated": "Fever for two days. Aspirin is taken daily.",
        "source_questions": [
            {"question": "Does the patient deny fever?", "predicted": "NO"},
            {"question": "Does she take losartan?", "predicted": "IDK"},
        ],
        "generated_questions": [{"question": "Is aspirin taken daily?", "predicted": "IDK"}],
    }
    (item,) = document(say("cef-score", jsonl(tmp_path / "t.jsonl", trace), "--json"))["items"]
    told = [(one["kind"], one["from"], one["evidence"] and one["evidence"]["text"]) for one in item["traced"]]
    assert told == [
        ("contradiction", "source", "Fever for two days."),
        ("omission", "source", None),
        ("hallucination", "generated", None),
    ]


def test_a_summary_has_an_overall_score_of_its_own(say: Say, tmp_path: Path) -> None:
    questions = [{"question": "Q?", "predicted": "YES"}]
    trace = {**TRACE, "source": "a b c d", "generated": "a b", "source_questions": questions}
    traces = jsonl(tmp_path / "t.jsonl", {**trace, "generated_questions": questions})
    overall = document(say("cef-score", traces, "--overall", "summary", "--json"))["metrics"]["overall"]["value"]
    assert overall == pytest.approx((300 + 2 * 100 * 50 / 150) / 4, abs=1e-4)


def test_a_trace_without_gold_serves_the_paper_protocol_alone(say: Say, tmp_path: Path) -> None:
    bare = [{"question": "Q?", "predicted": "YES"}]
    traces = jsonl(tmp_path / "t.jsonl", {**TRACE, "source_questions": bare, "generated_questions": bare})
    assert document(say("cef-score", traces, "--json"))["metrics"]["overall"]["value"] == 100.0
    refused(say("cef-score", traces, "--protocol", "reference-library"), "Trace t1", "gold")


@pytest.mark.parametrize(
    ("change", "part"),
    [({"source": None}, "source"), ({"id": None}, "id"), ({"source_questions": [{"question": "Q?"}]}, "predicted")],
)
def test_a_broken_trace_is_named_by_its_line(change: dict[str, Any], part: str, say: Say, tmp_path: Path) -> None:
    traces = jsonl(tmp_path / "t.jsonl", TRACE, {**TRACE, "id": "t2", **change})
    refused(say("cef-score", traces), "t.jsonl, line 2", part)
