"""What has changed between two reports, by their records alone."""

from __future__ import annotations

from typing import Any

from medic_console.reports.earlier import changes


def test_two_files_of_one_name_in_two_runs_are_compared_each_with_itself() -> None:
    def record(value: float) -> dict[str, Any]:
        figure = {
            "judge": "",
            "judge_sha256": "",
            "task": "medqa",
            "metric": "accuracy",
            "low": None,
            "high": None,
            "n": 9,
        }
        figures = [
            {**figure, "run": run, "model": "Ward", "model_sha256": run, "value": found, "provisional": ""}
            for run, found in (("a", value), ("b", 50.0))
        ]
        models = [
            {"name": "Ward", "title": title, "sha256": run} for run, title in (("a", "Ward Q4"), ("b", "Ward Q8"))
        ]
        return {"figures": figures, "models": models}

    found = list(changes(record(40.0), record(60.0)))
    assert [one.what for one in found] == ["Ward Q4 medqa accuracy"], "the other file's figure stood in its place"
