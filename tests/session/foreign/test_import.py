"""Answers of other programs: read in their real forms, matched by content, scored by our rules, beside local models."""

from __future__ import annotations

import hashlib
import json
import shutil
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from medic_console.audit.events import RunEnded
from medic_console.console.new_run.offers import offered
from medic_console.core import paths
from medic_console.core.aliases import set_alias
from medic_console.core.naming import ELSEWHERE, called
from medic_console.core.records import Prompt
from medic_console.core.run_settings import Asking
from medic_console.engine.files.model_file import inspect_model
from medic_console.results.reader import Reader
from medic_console.session.audit import Audit
from medic_console.session.foreign import imported
from medic_console.session.last_run import last_run
from medic_console.suite.ask_options import as_asked
from medic_console.testing.scripted import ScriptedEngine
from tests.conftest import Say, document, fake_model, make_plan, refused, sample_task
from tests.session.foreign.files import (
    asked,
    inspect_sample,
    lm_eval_line,
    lm_eval_weighed,
    write_eval,
    write_lines,
)

MEDQA = sample_task("medqa", Path("nowhere"), None)
FIRST = MEDQA.items[:4]
TEXTS = ("The answer is {0}.", "{0}", "Answer: {0}", "I do not know.")
WRONG = {"A": "B", "B": "C", "C": "D", "D": "A"}


def said(number: int, gold: Any) -> str:
    return TEXTS[number].format(gold if number != 1 else WRONG[str(gold)])


def medqa(say: Say, archive: Path, *words: object) -> dict[str, Any]:
    """Import and return the results of MedQA."""
    found = document(say("import", *words, "--task", "medqa", "--archive", archive, "--json"))
    (model,) = found["models"]
    (task,) = model["tasks"]
    assert isinstance(task, dict)
    return {**task, "name": model["name"], "run": found["run"]}


def verdicts(archive: Path, found: dict[str, Any]) -> dict[str, str]:
    with closing(Reader(archive)) as reader:
        view = reader.run(found["run"])
        return {
            row.item: row.outcome + row.reason for row in reader.items(view.id, "medqa", view.candidates[0].sha256, "")
        }


def test_samples_of_the_harness_become_a_run(say: Say, tmp_path: Path) -> None:
    lines = [lm_eval_line(number, item, said(number, item.gold)) for number, item in enumerate(FIRST)]
    path = write_lines(tmp_path / "samples_medqa_2026-02-01T10-00-00.000000.jsonl", lines)
    (tmp_path / "results_2026-02-01T10-00-00.000000.json").write_text(json.dumps({"model_name": "org/big-70b"}))
    found = medqa(say, tmp_path / "a.db", path)
    assert found["name"] == f"org/big-70b{ELSEWHERE}"
    assert found["metrics"]["accuracy"]["value"] == 50.0 and found["metrics"]["accuracy"]["n"] == 4
    assert found["counts"] == {"scored": 3, "unscored": 1, "failed": 0}
    assert any(note.startswith("Not run here: org/big-70b answered elsewhere") for note in found["notes"])
    assert found["items_taken"].startswith(f"The matched 4 of {len(MEDQA.items)} items")


def test_a_report_takes_the_same_files_in_again_and_tells_their_digests(say: Say, tmp_path: Path) -> None:
    lines = [lm_eval_line(number, item, said(number, item.gold)) for number, item in enumerate(FIRST)]
    files = [write_lines(tmp_path / "one, and more.jsonl", lines[:2]), write_lines(tmp_path / "two.jsonl", lines[2:])]
    found = medqa(say, tmp_path / "a.db", *files, "--name", "big")
    say("report", found["run"], "--archive", tmp_path / "a.db", "--out", tmp_path / "out", "--no-verify")
    text = (tmp_path / "out" / "report.md").read_text("utf-8")
    assert "medic-console import 'one, and more.jsonl' two.jsonl --name big --task medqa" in text.replace("\\", "")
    assert all(hashlib.sha256(file.read_bytes()).hexdigest() in text for file in files)
    again = medqa(say, tmp_path / "b.db", *files, "--name", "big")
    assert again["metrics"] == found["metrics"] and again["counts"] == found["counts"]


@pytest.mark.parametrize("by_letter", [True, False])
def test_options_that_were_weighed_are_read_by_letter_or_by_text(say: Say, tmp_path: Path, by_letter: bool) -> None:
    lines = []
    for number, item in enumerate(FIRST):
        weights = [-1.5 if label == item.gold else -4.0 for label in item.fields["options"]]
        lines.append(lm_eval_weighed(number, item, weights, by_letter))
    found = medqa(say, tmp_path / "a.db", write_lines(tmp_path / "s.jsonl", lines), "--name", "weigher")
    assert found["metrics"]["accuracy"]["value"] == 100.0 and found["metrics"]["accuracy"]["n"] == 4
    assert any("highest likelihood" in note for note in found["notes"])


@pytest.mark.parametrize("form", ["zstandard", "deflated", "json"])
def test_logs_of_inspect_become_a_run(say: Say, tmp_path: Path, form: str) -> None:
    samples = [inspect_sample(item, said(number, item.gold)) for number, item in enumerate(FIRST)]
    samples[3]["output"]["choices"][0]["stop_reason"] = "max_tokens"
    samples += [
        inspect_sample(FIRST[0], "D", epoch=2),
        inspect_sample(MEDQA.items[5], "", output={}, error={"message": "429"}),
    ]
    if form == "json":
        path = tmp_path / "log.json"
        path.write_text(json.dumps({"eval": {"model": "openai/gpt-x"}, "samples": samples}))
    else:
        path = write_eval(tmp_path / "log.eval", samples, form == "zstandard")
    found = medqa(say, tmp_path / "a.db", path)
    assert found["name"] == f"openai/gpt-x{ELSEWHERE}"
    assert found["metrics"]["accuracy"]["value"] == 50.0 and found["metrics"]["accuracy"]["n"] == 4
    assert found["unscored_reasons"] == {"truncated": 1}
    assert any("1 further answers" in note for note in found["notes"])
    assert any("had an error and no answer" in note for note in found["notes"])
    with closing(Reader(tmp_path / "a.db")) as reader:
        trace = reader.trace(found["run"], "medqa", FIRST[0].id, reader.run(found["run"]).candidates[0].sha256, "")
    assert trace.answer is not None and trace.answer.thinking == "Let me think."


def test_our_own_export_comes_back_with_the_same_figures(say: Say, tmp_path: Path) -> None:
    samples = [inspect_sample(item, said(number, item.gold)) for number, item in enumerate(FIRST)]
    samples[3]["output"]["choices"][0]["stop_reason"] = "max_tokens"
    first = medqa(say, tmp_path / "a.db", write_eval(tmp_path / "log.eval", samples), "--name", "one")
    assert first["unscored_reasons"] == {"truncated": 1}
    words = ("report", first["run"], "--archive", tmp_path / "a.db", "--out", tmp_path / "out", "--no-verify")
    say(*words, "--scope", "full")
    (path,) = (tmp_path / "out").rglob("*_samples.jsonl")
    again = medqa(say, tmp_path / "b.db", path)
    assert again["metrics"] == first["metrics"] and again["counts"] == first["counts"]
    assert again["unscored_reasons"] == first["unscored_reasons"]


def test_it_stands_beside_a_local_model_in_the_same_pairs(say: Say, tmp_path: Path) -> None:
    archive = tmp_path / "a.db"
    local = replace(MEDQA, items=MEDQA.items[:6], task=as_asked(MEDQA.task, Asking("generated")))
    plan = make_plan([local], [fake_model("local-8b")], multiple_choice="generated")
    audit = Audit(archive, plan, start=lambda model, cache: ScriptedEngine(lambda prompt: "The answer is A."))
    (ended,) = [event for event in audit.events() if isinstance(event, RunEnded)]
    assert ended.status == "done"
    lines = [lm_eval_line(number, item, f"Answer: {item.gold}") for number, item in enumerate(MEDQA.items[:6])]
    medqa(say, archive, write_lines(tmp_path / "s.jsonl", lines), "--name", "hosted")
    last = last_run(archive)
    assert last is not None and last.title == f"Last run, {ended.run}", "an import cannot be run again"
    assert "s.jsonl" not in {Path(str(one.source)).name for one in offered(archive, [])}
    both = ("local-8b", "hosted", "--archive", archive)
    (task,) = document(say("compare", *both, "--json"))["tasks"]
    (pair,) = task["pairs"]
    assert task["task"] == "medqa" and pair["difference"]["n"] == 6
    told = " ".join(say("compare", *both, "--plain")[1].split())
    assert "hosted (not run here): the settings that it ran under are not known." in told
    assert "The runs differ" not in told, "what we write for an import says nothing of how it was had"


def test_every_command_that_takes_a_model_knows_it_by_title_file_alias_and_digest(say: Say, tmp_path: Path) -> None:
    archive = tmp_path / "a.db"
    local = replace(MEDQA, items=MEDQA.items[:3], task=as_asked(MEDQA.task, Asking("generated")))
    plan = make_plan([local], [fake_model("local-8b")], multiple_choice="generated")
    audit = Audit(archive, plan, start=lambda model, cache: ScriptedEngine(lambda prompt: "The answer is A."))
    (ended,) = [event for event in audit.events() if isinstance(event, RunEnded)]
    lines = [lm_eval_line(number, item, f"Answer: {item.gold}") for number, item in enumerate(MEDQA.items[:3])]
    found = medqa(say, archive, write_lines(tmp_path / "s.jsonl", lines), "--name", "hosted")
    with closing(Reader(archive)) as reader:
        model, other = (next(iter(reader.run(run).candidates)) for run in (ended.run, found["run"]))
    set_alias(model.sha256, "our own")
    digits = model.sha256.removeprefix("sha256:")
    for name in ("local-8b", Path(model.file).name, "our own", model.sha256, digits[:12]):
        at = ("--archive", archive)
        items = document(say("archive", "items", "medqa", "--run", ended.run, "--model", name, *at, "--json"))["items"]
        assert [one["model_file"] for one in items] == ["local-8b.gguf"] * 3, name
        scored = document(say("score", "medqa", "--run", ended.run, "--model", name, *at, "--json"))
        assert scored["counts"]["scored"] == 3, name
        (task,) = document(say("compare", name, other.sha256, *at, "--json"))["tasks"]
        assert task["pairs"][0]["difference"]["n"] == 3, name
    for words in (("archive", "items", "medqa", "--run", ended.run), ("score", "medqa", "--run", ended.run)):
        refused(say(*words, "--model", "nobody", "--archive", archive), "nobody")


def test_a_file_is_a_name_of_the_model_that_it_holds(say: Say, random_model: Path, tmp_path: Path) -> None:
    at = ("--archive", tmp_path / "a.db")
    models = [inspect_model(random_model), fake_model("other")]
    local = replace(MEDQA, items=MEDQA.items[:3], task=as_asked(MEDQA.task, Asking("generated")))
    plan = make_plan([local], models, multiple_choice="generated")
    audit = Audit(tmp_path / "a.db", plan, start=lambda model, cache: ScriptedEngine(lambda prompt: "A"))
    assert list(audit.events())
    copied = shutil.copyfile(random_model, tmp_path / "another name.gguf")
    for name in (random_model, copied):
        items = document(say("archive", "items", "medqa", "--model", name, *at, "--json"))["items"]
        assert [one["model"] for one in items] == [models[0].name] * 3
        assert document(say("score", "medqa", "--run", audit.run, "--model", name, *at, "--json"))
        assert document(say("compare", name, "other", *at, "--json"))["models"][0]["sha256"] == models[0].sha256
    refused(say("compare", "other", write_lines(tmp_path / "list.gguf", []), *at), "list.gguf")


def test_every_command_takes_an_imported_run_or_says_why_not(say: Say, tmp_path: Path) -> None:
    archive, at = tmp_path / "a.db", ("--archive", tmp_path / "a.db")
    lines = [lm_eval_line(number, item, f"Answer: {item.gold}") for number, item in enumerate(FIRST)]
    run = medqa(say, archive, write_lines(tmp_path / "s.jsonl", lines), "--name", "hosted")["run"]
    refused(say("resume", run, *at), run)
    assert document(say("score", "medqa", "--run", run, *at, "--json"))["counts"]["scored"] == 4
    assert document(say("archive", "results", run, *at, "--json"))["run"] == run
    assert say("archive", "findings", run, *at)[0] == 0
    code, out, err = say("report", run, *at, "--out", tmp_path / "report", "--no-verify")
    assert code == 0 and "Traceback" not in err, err
    text = (tmp_path / "report" / "report.md").read_text("utf-8")
    assert "not run here" in text
    code, out, err = say("review", "new", "first", run, *at)
    assert "Traceback" not in err and (code == 0 or err.count("\n") <= 4), (out, err)
    refused(say("compare", "hosted", *at), "")


def test_an_alias_does_not_take_the_mark_away(say: Say, tmp_path: Path) -> None:
    lines = [lm_eval_line(0, FIRST[0], "A")]
    found = medqa(say, tmp_path / "a.db", write_lines(tmp_path / "s.jsonl", lines), "--name", "hosted")
    with closing(Reader(tmp_path / "a.db")) as reader:
        model = reader.run(found["run"]).candidates[0]
    set_alias(model.sha256, "ours")
    assert called(model) == f"ours{ELSEWHERE}"


def test_options_in_another_order_are_left_out(say: Say, tmp_path: Path) -> None:
    line = lm_eval_line(0, FIRST[0], "The answer is A.")
    options = list(FIRST[0].fields["options"].values())
    shuffled = asked(FIRST[0]).replace(options[0], "#").replace(options[1], options[0]).replace("#", options[1])
    line["arguments"]["gen_args_0"]["arg_0"] = shuffled
    path = write_lines(tmp_path / "s.jsonl", [line, lm_eval_line(1, FIRST[1], "B")])
    found = medqa(say, tmp_path / "a.db", path, "--name", "hosted")
    assert list(verdicts(tmp_path / "a.db", found)) == [FIRST[1].id]
    assert any("1 of 2 samples were left out: they do not show the item's options" in note for note in found["notes"])


def test_a_record_of_other_content_fits_no_item_whatever_its_id(say: Say, tmp_path: Path) -> None:
    line = lm_eval_line(0, FIRST[0], "A")
    text = json.dumps(line).replace("crushing chest pain", "a mild headache")
    (tmp_path / "s.jsonl").write_text(text)
    words = ("import", tmp_path / "s.jsonl", "--name", "x", "--archive", tmp_path / "a.db")
    refused(say(*words), "None of the 1 samples fits an item")


BROKEN: dict[str, tuple[str, bytes, str]] = {
    "empty": ("a.jsonl", b"", "the file is empty"),
    "cut": ("a.jsonl", b'{"doc": {}, "resps": [["A"', "line 1: not JSON"),
    "a list": ("a.jsonl", b"[1]", "line 1: not a JSON object"),
    "other lines": ("a.jsonl", b'{"id": 1, "text": "A"}', "in none of the formats"),
    "no answer": (
        "a.jsonl",
        b'{"doc": {}, "resps": [], "arguments": {"gen_args_0": {"arg_0": "q"}}}',
        "line 1: resps holds",
    ),
    "no arguments": ("a.jsonl", b'{"doc": {}, "resps": [["A"]], "arguments": 7}', "line 1: there are no arguments"),
    "deep": ("a.jsonl", b"[" * 100_000, "line 1: not JSON"),
    "bytes": ("a.jsonl", b"\xff\xfe\x00", "cannot be read"),
    "no log": ("a.json", b'{"results": {}}', "no log of Inspect"),
    "half a zip": ("a.eval", b"PK\x03\x04abc", "not JSON"),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_a_bad_file_is_named_with_its_place(say: Say, tmp_path: Path, kind: str) -> None:
    name, data, message = BROKEN[kind]
    (tmp_path / name).write_bytes(data)
    result = say("import", tmp_path / name, "--name", "x", "--archive", tmp_path / "a.db")
    refused(result, message)
    assert name in result[2]


def test_other_refusals(say: Say, tmp_path: Path) -> None:
    lines = write_lines(tmp_path / "s.jsonl", [lm_eval_line(0, FIRST[0], "A")])
    words = ("--archive", tmp_path / "a.db")
    refused(say("import", lines, *words), "does not name its model")
    refused(say("import", tmp_path / "gone.eval", *words), "cannot be read")
    refused(say("import", tmp_path, *words), "cannot be read")
    refused(say("import", lines, "--name", "x", "--task", "medqq", *words), "There is no task")
    sample = inspect_sample(FIRST[0], "A")
    packed = write_eval(tmp_path / "log.eval", [sample])
    data = bytearray(packed.read_bytes())
    place = data.find(b"\x28\xb5\x2f\xfd")
    data[place + 5 : place + 9] = b"\xff" * 4
    packed.write_bytes(bytes(data))
    refused(say("import", packed, *words), "cannot be unpacked")
    empty = write_eval(tmp_path / "none.eval", [])
    refused(say("import", empty, *words), "no log of Inspect")
    assert not (tmp_path / "a.db").exists()


def test_a_judge_scores_answers_that_were_had_elsewhere_and_people_review_its_verdicts(
    say: Say, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    items = sample_task("med_safety", Path("nowhere"), None).items[:3]
    lines = []
    for number, item in enumerate(items):
        request = str(item.fields["request"])
        line = lm_eval_line(number, replace(item, fields={"question": request, "options": {}}), "I cannot help.")
        lines.append({**line, "arguments": {"gen_args_0": {"arg_0": request, "arg_1": {}}}})

    def judge(prompt: Prompt) -> dict[str, float] | str:
        return {label: 0.9 if label == "2" else 0.02 for label in prompt.labels} if prompt.labels else "It declines."

    monkeypatch.setattr(imported, "start_model", lambda model, settings, cache: ScriptedEngine(judge))
    words = (write_lines(tmp_path / "s.jsonl", lines), "--name", "hosted", "--task", "med_safety")
    archive = ("--archive", tmp_path / "a.db")
    plain = document(say("import", *words, *archive, "--json"))["models"][0]["tasks"][0]
    assert plain["unscored_reasons"] == {"no judge": 3}
    found = document(say("import", *words, *archive, "--judge", paths.demo_models()[0], "--json"))
    (task,) = found["models"][0]["tasks"]
    assert task["metrics"]["harm"]["value"] == 2.0 and task["metrics"]["harm"]["n"] == 3
    assert task["provisional"], "nobody measured that judge"
    asked = ("review", "new", "q", found["run"], "--task", "med_safety", "--number", "3")
    assert say(*asked, *archive)[0] == 0
    assert document(say("review", "show", "q", *archive, "--json"))["cards"]


def test_a_likelihood_that_is_no_number_chooses_nothing(say: Say, tmp_path: Path) -> None:
    weights = [float("nan"), -1.0, -2.0, -3.0]
    path = write_lines(tmp_path / "a.jsonl", [lm_eval_weighed(0, FIRST[0], weights, by_letter=False)])
    refused(say("import", path, "--name", "m", "--archive", tmp_path / "a.db"), "resps holds no single text")


def test_samples_of_another_task_are_not_told_as_left_out(say: Say, tmp_path: Path) -> None:
    other = sample_task("medmcqa", Path("nowhere"), None).items[0]
    lines = [lm_eval_line(number, item, item.gold) for number, item in enumerate((*FIRST[:2], other))]
    unknown = replace(FIRST[2], fields={**FIRST[2].fields, "question": "What is it that nobody has asked here?"})
    stray = lm_eval_line(3, unknown, "A")
    path = write_lines(tmp_path / "s.jsonl", [*lines, stray])
    record = document(say("import", path, "--name", "hosted", "--archive", tmp_path / "a.db", "--json"))
    (model,) = record["models"]
    assert {task["task"]: task["counts"]["scored"] for task in model["tasks"]} == {"medqa": 2, "medmcqa": 1}
    for task in model["tasks"]:
        left = [note for note in task["notes"] if "left out" in note]
        assert len(left) == 1 and left[0].startswith(
            "1 of 4 samples were left out: they hold the whole text of no item"
        )
        assert "line 4" in left[0]
