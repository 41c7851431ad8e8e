"""BERTScore from the command line to the archive: with an encoder, without one, and with another one."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from medic_console.core.errors import ModelFileError, UsageError
from medic_console.core.records import Outcome, Score
from medic_console.results.reader import Reader
from medic_console.scoring.bertscore import bertscore
from medic_console.scoring.similarity import opened
from medic_console.session.audit import restore_plan
from medic_console.statistics.metrics import compute, noted
from tests.conftest import QUICK, Say, document, is_gone, refused, sample_task, wait_until
from tests.engine.encoders import write_random_encoder

NOTE = "not computed: no encoder was named (--encoder FILE)"


def medec_outputs(tmp_path: Path, correction: str | None = None) -> Path:
    """Return outputs that flag every error rightly, with the reference correction or another one."""
    lines = []
    for item in sample_task("medec", tmp_path, limit=None).items:
        gold = item.gold
        said = correction or gold["correction"]
        text = f"{gold['sentence_id']} {said}" if gold["flag"] else "CORRECT"
        lines.append(json.dumps({"id": item.id, "text": text}))
    path = tmp_path / "outputs.jsonl"
    path.write_text("\n".join(lines), "utf-8")
    return path


def test_without_an_encoder_it_is_not_computed_and_never_zero(say: Say, tmp_path: Path) -> None:
    outputs = medec_outputs(tmp_path)
    record = document(say("score", "medec", "--outputs", outputs, "--json"))
    assert record["metrics"]["bertscore"] == {
        "value": None,
        "low": None,
        "high": None,
        "n": 0,
        "unit": "percent",
        "answered": None,
        "share_answered": None,
        "provisional": "",
        "chance": None,
        "note": NOTE,
        "first_items": "",
    }
    assert record["metrics"]["rouge_l"]["note"] == ""
    code, out, _ = say("score", "medec", "--outputs", outputs)
    assert code == 0
    assert "not computed: no encoder was named (--encoder FILE)" in " ".join(out.split())


def test_the_reference_itself_is_perfect_and_another_text_is_not(
    say: Say, random_encoder: Path, tmp_path: Path
) -> None:
    words = ("--encoder", random_encoder, "--json")
    perfect = document(say("score", "medec", "--outputs", medec_outputs(tmp_path), *words))
    assert perfect["metrics"]["bertscore"]["value"] == pytest.approx(100.0, abs=1e-3)
    assert perfect["metrics"]["bertscore"]["n"] == perfect["metrics"]["rouge_l"]["n"] == 8
    assert any("BERTScore by encoder " in note for note in perfect["notes"])
    other = document(say("score", "medec", "--outputs", medec_outputs(tmp_path, "zz"), *words))
    assert other["metrics"]["bertscore"]["value"] < 90
    scored = next(item for item in other["items"] if "bertscore" in item["scores"])
    assert {"bertscore_precision", "bertscore_recall"} <= scored["scores"].keys()


def test_discharge_texts_have_the_mean_of_their_two_scores(say: Say, random_encoder: Path, tmp_path: Path) -> None:
    item = sample_task("dischargeme", tmp_path).items[0]
    outputs = tmp_path / "o.jsonl"
    first, second = item.gold
    said = {first: item.gold[first], second: "zz"}
    outputs.write_text(json.dumps({"id": item.id, "text": json.dumps(said)}), "utf-8")
    words = ("--outputs", outputs, "--encoder", random_encoder, "--json")
    found = document(say("score", "dischargeme", *words))["metrics"]["bertscore"]
    pairs = [opened(random_encoder).embed([item.gold[name], said[name]]) for name in (first, second)]
    scores = [bertscore(reference, given).f1 for reference, given in pairs if reference and given]
    assert scores[0] == pytest.approx(1.0, abs=1e-5)
    assert found["answered"]["value"] == pytest.approx(50 * (scores[0] + scores[1]), abs=1e-3)
    # The other items have no output.
    assert found["value"] == pytest.approx(50 * (scores[0] + scores[1]) / found["n"], abs=1e-3)
    assert (found["answered"]["n"], found["n"]) == (1, 12)


def test_a_run_keeps_the_encoder_and_is_resumed_with_the_same_one_only(
    say: Say, random_model: Path, random_encoder: Path, tmp_path: Path
) -> None:
    archive, named = tmp_path / "a.db", Path(shutil.copy(random_encoder, tmp_path / "e.gguf"))
    words = ("--limit", "2", *QUICK, "--archive", archive, "--encoder", named, "--json")
    record = document(say("run", "medec", "medqa", "--model", random_model, *words))
    assert record["models"][0]["tasks"][0]["metrics"]["bertscore"]["note"] == ""
    reader = Reader(archive)
    rows = {row["task"]: row for row in reader.run_tasks(record["run"])}
    sha256 = reader.settings(record["run"])["encoder"]
    item = reader.items(record["run"], "medec", record["models"][0]["sha256"], "")[0].item
    trace = reader.trace(record["run"], "medec", item, record["models"][0]["sha256"], "")
    reader.close()
    assert trace.scorer == f"medec 7, encoder {sha256.removeprefix('sha256:')[:8]}"
    assert json.loads(rows["medec"]["resources"]) == {"encoder": str(named)}
    assert json.loads(rows["medqa"]["resources"]) == {}
    assert restore_plan(archive, record["run"]).settings.encoder == sha256
    write_random_encoder(named, seed=9)
    with pytest.raises(ModelFileError, match="the encoder is not the one that the run began with"):
        restore_plan(archive, record["run"])


def test_an_encoder_without_use_or_that_is_none_is_refused(
    say: Say, random_model: Path, random_encoder: Path, tmp_path: Path
) -> None:
    refused(say("run", "medqa", "--model", random_model, "--encoder", random_encoder), "none of the tasks is scored")
    refused(say("run", "medec", "--model", random_model, "--encoder", random_model), "not an encoder in one file")
    refused(
        say("score", "medec", "--outputs", medec_outputs(tmp_path), "--encoder", tmp_path / "no.gguf"), "no such file"
    )


def test_with_an_encoder_a_figure_over_no_item_is_empty_without_a_note() -> None:
    unread = [Score(Outcome.SCORED, {"flag_accuracy": 1.0})]
    found = compute(["bertscore", "meteor"], unread)
    assert noted(found, set())["bertscore"].note == NOTE
    assert noted(found, {"encoder"})["bertscore"].note == ""
    assert noted(found, set())["meteor"].note == ""


def test_a_replaced_encoder_is_opened_anew_and_the_old_child_ends(tmp_path: Path) -> None:
    path = write_random_encoder(tmp_path / "e.gguf", seed=1)
    first = opened(path).embed(["fever"])[0]
    pid = opened(path).pid
    assert pid is not None and first is not None
    assert opened(path).pid == pid
    write_random_encoder(path, seed=2)
    second = opened(path).embed(["fever"])[0]
    assert second is not None
    assert not np.allclose(first[0], second[0])
    wait_until(lambda: is_gone(pid), "the old encoder's end")


def test_an_encoder_that_is_gone_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"e\.gguf: the encoder's file is gone"):
        opened(tmp_path / "e.gguf")
