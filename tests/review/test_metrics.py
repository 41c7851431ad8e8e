"""Metrics as the judge has them and as people do: the same where they agree, by hand where they do not."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from medic_console.archive.reviews import CardRow
from medic_console.results.tasks import PANEL
from medic_console.review.beside import beside
from medic_console.review.metrics import reviewed_metrics
from medic_console.review.questions import Question
from medic_console.review.reader import ReviewReader
from medic_console.review.report import Settled
from medic_console.review.reviewers import add_reviewer
from medic_console.session.audit import Audit
from medic_console.testing.scripted import Reply
from tests.conftest import Say, Scripts, document, examiner, fake_model, make_plan, sample_task
from tests.console.conftest import TASKS
from tests.review.conftest import PIN, QUESTIONS, judged
from tests.review.test_pictures import decided

PAPERS = ("coverage", "conformity", "consistency", "overall")


def all_as_the_judge(archive: Path, run: str, say: Say) -> None:
    add_reviewer(archive, "Ada", PIN)
    assert say("review", "new", "q", run, "--archive", archive, "--controls", "100")[0] == 0
    with closing(ReviewReader(archive)) as reader:
        decided(archive, reader.queue("q").cards, 1, 9.0, 10**6)


def test_where_people_say_what_the_judge_says_each_metric_is_the_consoles_own(
    archive: Path, run: str, say: Say
) -> None:
    all_as_the_judge(archive, run, say)
    results = document(say("archive", "results", run, "--archive", archive, "--json"))
    shown = {
        (model["sha256"], task["task"], name): metric["value"]
        for model in results["models"]
        for task in model["tasks"]
        for name, metric in task["metrics"].items()
    }
    found = [one for one in results["reviewed"] if one["task"] == "aci_bench"]
    assert len(found) == 2
    for one in found:
        assert [metric["metric"] for metric in one["metrics"]] == [*PAPERS]
        for metric in one["metrics"]:
            assert metric["raw"] == pytest.approx(shown[one["candidate"], "aci_bench", metric["metric"]], abs=0.06)
            assert metric["rate"]["value"] == pytest.approx(metric["raw"])
    plain = say("archive", "results", run, "--archive", archive, "--plain")[1]
    assert plain.count("CEF coverage raw ") == 2
    (task,) = [t for t in document(say("compare", "alpha", "beta", "--archive", archive, "--json"))["tasks"]
               if t["task"] == "aci_bench"]  # fmt: skip
    for figures in task["models"].values():
        assert [one["metric"] for one in figures["review"]["metrics"]] == [*PAPERS]


def question(item: str, part: str, said: str) -> Question:
    return Question("r", "t", item, "", "c", "j", part, "?", said, "YES", 0.9)


def card(one: Question, answer: str) -> Settled:
    row = CardRow(0, one.kind, "r", "t", one.item, "c", "j", one.part, "", "?", one.said, "YES", 0.9, "", 0)
    return Settled(row, answer)


def test_metrics_by_hand_with_items_of_different_numbers_of_questions() -> None:
    # item a: two source questions, one omitted; item b: four, one omitted, of which a person says that it is there
    asked = [question("a", "source-00", "IDK"), question("a", "source-01", "YES")]
    asked += [question("b", f"source-{n:02d}", "IDK" if n == 0 else "YES") for n in range(4)]
    asked += [question(item, "generated-00", said) for item, said in (("a", "YES"), ("b", "IDK"))]
    known = [card(asked[0], "IDK"), card(asked[2], "YES"), card(asked[1], "YES"), card(asked[6], "YES")]
    known.append(card(asked[7], "NO"))
    found = {one.metric: one for one in reviewed_metrics(TASKS["aci_bench"], asked, known)}
    assert found["coverage"].raw == pytest.approx(100 * (1 - (1 / 2 + 1 / 4) / 2))
    # half of the omissions hold: the same weight of questions, half as often
    assert found["coverage"].rate.value == pytest.approx(100 * (1 - (1 / 2 + 1 / 4) / 2 / 2))
    assert found["conformity"].raw == 100 and found["conformity"].rate.value == 100
    assert found["consistency"].raw == 50 and found["consistency"].rate.value == 100, "NO is no hallucination"
    assert found["overall"].raw == pytest.approx((62.5 + 100 + 50) / 3)
    assert found["overall"].rate.value == pytest.approx((81.25 + 100 + 100) / 3)
    for one in found.values():
        assert one.rate.low is not None and one.rate.high is not None and one.rate.value is not None
        assert one.rate.low <= one.rate.value <= one.rate.high
    assert reviewed_metrics(TASKS["aci_bench"], asked, known[:2])[0].rate.value is None, "no control was read"
    assert reviewed_metrics(TASKS["expert_qa"], asked, known) == ()


def test_the_panels_figure_takes_the_questions_of_all_judges(tmp_path: Path, say: Say) -> None:
    plan = make_plan(
        [sample_task("aci_bench", tmp_path, limit=2)], [fake_model("alpha")], [fake_model("one"), fake_model("two")]
    )
    path = tmp_path / "archive.db"
    reply: Reply = examiner(QUESTIONS, judged)  # type: ignore[assignment]
    scripts = Scripts(alpha=lambda prompt: "A note.", one=reply, two=reply)  # type: ignore[arg-type]
    audit = Audit(path, plan, start=scripts.start)
    for _ in audit.events():
        pass
    all_as_the_judge(path, audit.run, say)
    with closing(ReviewReader(path)) as reader:
        found = {one.judge: one for one in beside(reader, audit.run)}
    assert len(found) == 3 and PANEL in found
    panel, judges = found.pop(PANEL), list(found.values())
    assert panel.questions == sum(one.questions for one in judges) and panel.cards == sum(one.cards for one in judges)
    assert panel.metrics[0].raw == pytest.approx(sum(one.metrics[0].raw for one in judges) / 2)
    task = document(say("archive", "results", audit.run, "--archive", path, "--json"))
    assert {one["judge"] for one in task["reviewed"]} == {PANEL, *found}
