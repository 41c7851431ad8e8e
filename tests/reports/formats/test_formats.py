"""Standard formats of a report: valid by their own schemas, with the archive's figures, whatever a text holds."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from medic_console.audit.prepare import known_tasks
from medic_console.commands.cli import main
from medic_console.core import paths
from medic_console.reports.evidence import Asked, Evidence, RunEvidence, Scope, gather
from medic_console.reports.formats.chai import NAMESPACE, card
from medic_console.reports.formats.cyclonedx import models_bom
from medic_console.reports.formats.every_eval_ever import Log
from medic_console.reports.formats.fhir import bundle
from medic_console.reports.formats.figures import facts_of
from medic_console.reports.formats.words import part_of_path, safe, safe_values
from medic_console.reports.reader import EvidenceReader
from medic_console.results.comparison.portfolio_file import FILE_NAME, load_portfolio
from tests.conftest import TASK_IDS, fits_its_schema
from tests.console.judged import write_panel
from tests.reports.formats.schemas import chai, cyclonedx, every_eval_ever, problems, profile_problems
from tests.reports.formats.suite import HOSTILE, JUDGE, ONE, write_suite

PANEL_RUN = "2026-03-02-001"
STAMP = ("--created", "2026-03-03T08:00:00", "--no-verify")
BIDI = set("‪‫‬‭‮⁦⁧⁨⁩‎‏؜")


@dataclass(frozen=True, slots=True)
class Made:
    """A report of every task in two scopes."""

    archive: Path
    run: str
    scores: Path
    full: Path


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Made]:
    folder = tmp_path_factory.mktemp("formats")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(paths.HOME_VARIABLE, str(folder / "home"))
        run = write_suite(folder / "archive.db", folder / "cache")
        for scope in ("scores", "full"):
            words = ["report", run, "--archive", str(folder / "archive.db"), "--out", str(folder / scope)]
            assert main([*words, "--scope", scope, *STAMP]) == 0
    yield Made(folder / "archive.db", run, folder / "scores" / "formats", folder / "full" / "formats")


@pytest.fixture(scope="module")
def evidence(made: Made) -> Evidence:
    portfolio = load_portfolio(paths.tasks_dir() / FILE_NAME, Path("nowhere"), known_tasks().tasks)
    return gather(made.archive, Asked((made.run,), scope=Scope.FULL, verified=False), portfolio, "")


def logs(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(path.read_text("utf-8")) for path in sorted((folder / "every_eval_ever").rglob("*.json"))]


def test_every_format_of_every_task_is_valid_by_its_own_schema(made: Made) -> None:
    for folder in (made.scores, made.full):
        assert not list(problems(folder))
    kinds = {path.relative_to(made.full).parts[0] for path in made.full.rglob("*") if path.is_file()}
    assert kinds == {"every_eval_ever", "cyclonedx", "chai", "fhir"}


def test_our_own_documents_fit_the_schemas_that_are_published_of_them(made: Made) -> None:
    for folder in (made.scores.parent, made.full.parent):
        for name in ("report.json", "manifest.json"):
            fits_its_schema(json.loads((folder / name).read_text("utf-8")))
    for path in (made.full.parent / "traces").rglob("*.jsonl"):
        for line in path.read_text("ascii").splitlines():
            fits_its_schema(json.loads(line), "medic-console/trace")


def test_the_manifest_names_every_file_of_them(made: Made) -> None:
    named = json.loads((made.full.parent / "manifest.json").read_text("utf-8"))["files"]
    there = {path.relative_to(made.full.parent).as_posix() for path in made.full.rglob("*") if path.is_file()}
    assert there <= named.keys()


def test_every_eval_ever_has_results_and_samples_of_all_tasks(made: Made) -> None:
    found = logs(made.full)
    assert {one["evaluation_results"][0]["evaluation_name"] for one in found} == {f"medic.{one}" for one in TASK_IDS}
    assert len(found) == 2 * len(TASK_IDS)
    assert {one["evaluation_id"] for one in found}.__len__() == len(found)
    for log in found:
        detailed = log["detailed_evaluation_results"]
        path = made.full / "every_eval_ever" / detailed["file_path"]
        lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
        assert hashlib.sha256(path.read_bytes()).hexdigest() == detailed["checksum"]
        assert len(lines) == detailed["total_rows"]
        results = {one["evaluation_result_id"] for one in log["evaluation_results"]}
        assert {line["evaluation_result_id"] for line in lines} <= results
        assert {line["model_id"] for line in lines} == {log["model_info"]["id"]}


def test_figures_of_each_format_are_those_of_the_report(made: Made) -> None:
    report = json.loads((made.full.parent / "report.json").read_text("utf-8"))
    wanted = {(one["task"], one["metric"], one["model_sha256"], one["value"]) for one in report["figures"]}
    wanted = {one for one in wanted if one[3] is not None}
    told = {
        (
            result["evaluation_name"].removeprefix("medic."),
            result["evaluation_result_id"].split("/")[6],
            log["model_info"]["additional_details"]["sha256"],
            result["score_details"]["score"],
        )
        for log in logs(made.full)
        for result in log["evaluation_results"]
    }
    assert told == wanted
    bom = json.loads((made.full / "cyclonedx" / "models.cdx.json").read_text("utf-8"))
    cards = [
        one["modelCard"]["quantitativeAnalysis"]["performanceMetrics"]
        for one in bom["components"]
        if "modelCard" in one
    ]
    values = {(one["slice"].split(",")[0], one["value"]) for card_ in cards for one in card_}
    assert {(task, f"{value:.10g}") for task, _, _, value in wanted} <= values
    observed = json.loads((made.full / "fhir" / "bundle.json").read_text("utf-8"))["entry"]
    assert sorted(
        one["resource"]["valueQuantity"]["value"] for one in observed if "valueQuantity" in one["resource"]
    ) == sorted(value for *_, value in wanted)


def test_a_mean_of_samples_is_the_headline(made: Made) -> None:
    log = next(one for one in logs(made.full) if one["evaluation_results"][0]["evaluation_name"] == "medic.medqa")
    path = made.full / "every_eval_ever" / log["detailed_evaluation_results"]["file_path"]
    result = log["evaluation_results"][0]
    lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    scores = [
        one["evaluation"]["score"] for one in lines if one["evaluation_result_id"] == result["evaluation_result_id"]
    ]
    assert sum(scores) / len(scores) == pytest.approx(result["score_details"]["score"])
    assert lines[0]["input"]["choices"] and lines[0]["input"]["raw"]


def test_what_a_judge_said_is_marked_as_a_models(made: Made) -> None:
    entries = [one["resource"] for one in json.loads((made.full / "fhir" / "bundle.json").read_text("utf-8"))["entry"]]
    judge = next(
        one["id"] for one in entries if one["resourceType"] == "Device" and JUDGE.sha256 in one["version"][0]["value"]
    )
    asserted = {
        target["reference"].removeprefix("urn:uuid:")
        for one in entries
        if one["resourceType"] == "Provenance" and one["agent"][0]["who"]["reference"] == f"urn:uuid:{judge}"
        for target in one["target"]
    }
    marked = {
        one["id"] for one in entries if one["resourceType"] == "Observation" and "security" in one.get("meta", {})
    }
    assert asserted == marked and marked


def test_each_rule_of_the_guides_profiles_is_held(made: Made) -> None:
    """A fixed value with a display beside it, a card too many, an agent without its type: each is told."""
    text = (made.full / "fhir" / "bundle.json").read_text("utf-8")
    for kind in ("Device", "DocumentReference", "Provenance"):
        document = json.loads(text)
        assert not list(profile_problems(document))
        one = next(one["resource"] for one in document["entry"] if one["resource"]["resourceType"] == kind)
        if kind == "Device":
            one["type"]["coding"][0]["display"] = "All kinds of Artificial Intelligence"
        elif kind == "DocumentReference":
            one["content"].append(one["content"][0])
        else:
            del one["agent"][0]["type"]
        assert len(list(profile_problems(document))) == 1


def test_texts_of_items_and_models_are_in_the_scope_full_alone(made: Made) -> None:
    assert not list(made.scores.rglob("*.jsonl"))
    held = ["".join(path.read_text("utf-8") for path in one.rglob("*.json*")) for one in (made.scores, made.full)]
    assert ["The answer is 7." in one for one in held] == [False, True]


def test_the_software_that_made_the_report_is_listed(made: Made) -> None:
    bom = json.loads((made.full / "cyclonedx" / "software.cdx.json").read_text("utf-8"))
    names = {one["name"] for one in bom["components"]}
    assert {"medic-console", "textual", "llama_cpp_python"} <= names
    assert any(one["name"].startswith("medic-console:scored-with:") for one in bom["properties"])


def test_hostile_texts_lead_out_of_no_folder_and_into_no_markup(made: Made) -> None:
    root = ElementTree.parse(next((made.full / "chai").glob("clinic-8b-*.xml"))).getroot()
    developer = root.findtext(f"{{{NAMESPACE}}}BasicInfo/{{{NAMESPACE}}}ModelDeveloper")
    assert developer is not None and "script" in developer and "<script" not in developer.replace("\\<", "")
    for path in made.full.rglob("*"):
        assert all(sign.isalnum() or sign in "._-" for sign in path.name)
        if path.is_file():
            text = path.read_text("utf-8")
            assert not BIDI & set(text) and "\x1b" not in text and "\\u001b" not in text and "\\u202e" not in text


@given(st.text() | st.sampled_from([HOSTILE, "..", "a/../b", "\x00", "\ud800", "\uffff"]))
@example("﷐\U0001fffe\u0085")
def test_no_text_is_forbidden_or_acts(text: str) -> None:
    root = ElementTree.Element("a")
    root.text = safe(text)
    assert (ElementTree.fromstring(ElementTree.tostring(root, "utf-8")).text or "") == safe(text)
    assert not BIDI & set(safe(text))
    assert json.loads(json.dumps(safe_values({text: [text]}))) == {safe(text): [safe(text)]}
    part = part_of_path(text)
    assert part not in ("", ".", "..") and "/" not in part and len(part) <= 60


@settings(max_examples=12, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(max_size=40))
@example(HOSTILE)
@example("")
def test_no_name_of_a_model_breaks_a_format(evidence: Evidence, text: str) -> None:
    named = replace(evidence, runs=tuple(_named(run, text) for run in evidence.runs))
    facts = facts_of(named)
    assert chai().is_valid(card(facts, ONE.sha256).decode("utf-8"))
    assert not list(cyclonedx().iter_errors(safe_values(models_bom(facts))))
    json.dumps(safe_values(bundle(facts)), allow_nan=False).encode("utf-8")


def _named(run: RunEvidence, text: str) -> RunEvidence:
    first = replace(run.view.candidates[0], name=text, file=text, metadata={"general.organization": text})
    few = tuple(replace(result, tasks=result.tasks[:3]) for result in run.results)
    return replace(run, view=replace(run.view, candidates=(first, *run.view.candidates[1:])), results=few)


@pytest.mark.parametrize(
    ("name", "file", "told"),
    [
        ("Hosted (not run here)", "samples.jsonl", "Not run here: another program had the answers that samples.jsonl"),
        (
            "served",
            "http://10.0.0.7:8000#served",
            "Behind a server: http://10.0.0.7:8000#served; its file",
        ),
    ],
)
def test_nothing_is_claimed_of_the_file_of_a_model_that_is_none(
    evidence: Evidence, name: str, file: str, told: str
) -> None:
    """No digest of a file, no engine of ours, no size: what its name in the archive is made of is none of these."""
    one = replace(evidence.models[ONE.sha256], name=name, file=file)
    runs = tuple(
        replace(
            run, view=replace(run.view, candidates=(one, *(two for two in run.view.candidates if two.name != ONE.name)))
        )
        for run in evidence.runs
    )
    facts = facts_of(replace(evidence, models={**evidence.models, ONE.sha256: one}, runs=runs))
    log = Log(facts, [fact for fact in facts.figures if fact.view.candidate == ONE.sha256][:1]).document()
    assert not list(every_eval_ever(False).iter_errors(safe_values(log)))
    info = log["model_info"]
    assert info["inference_engine"]["name"] == info["additional_details"]["deployment_type"] == "unknown"
    assert told in info["additional_details"]["model"] and "sha256" not in info["additional_details"]
    assert ("temperature" in log["evaluation_results"][0]["generation_config"]["generation_args"]) == ("://" in file)
    model = next(one for one in models_bom(facts)["components"] if one["bom-ref"] == ONE.sha256)
    assert "hashes" not in model and told in model["description"] and len(model["properties"]) == 1
    assert ONE.sha256 not in card(facts, ONE.sha256).decode("utf-8")
    device = next(one["resource"] for one in bundle(facts)["entry"] if told in str(one["resource"].get("note", "")))
    assert device["identifier"][0]["system"] == "urn:medic-console:model" and not {"version", "modelNumber"} & set(
        device
    )
    assert not list(profile_problems(bundle(facts)))


def test_a_run_that_several_judges_judged_is_valid_and_names_all_of_them(tmp_path: Path) -> None:
    write_panel(tmp_path / "archive.db", tmp_path / "cache")
    words = ["report", PANEL_RUN, "--archive", str(tmp_path / "archive.db"), "--out", str(tmp_path / "out")]
    assert main([*words, "--scope", "full", *STAMP]) == 0
    folder = tmp_path / "out" / "formats"
    assert not list(problems(folder))
    entries = json.loads((folder / "fhir" / "bundle.json").read_text("utf-8"))["entry"]
    agents = [len(one["resource"]["agent"]) for one in entries if one["resource"]["resourceType"] == "Provenance"]
    assert sorted(agents) == [1, 1, 1, 3]
    safety = next(one for one in logs(folder) if one["evaluation_results"][0]["evaluation_name"] == "medic.med_safety")
    judges = [len(one["metric_config"]["llm_scoring"]["judges"]) for one in safety["evaluation_results"]]
    assert set(judges) == {1, 3}


def test_what_a_reader_of_two_scopes_has_is_the_same_but_for_samples(made: Made) -> None:
    with closing(EvidenceReader(made.archive)) as reader:
        assert reader.audit(made.run).status == "done"
    for one, two in zip(logs(made.scores), logs(made.full), strict=True):
        two.pop("detailed_evaluation_results")
        assert one == two
