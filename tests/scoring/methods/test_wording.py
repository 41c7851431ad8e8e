"""The wording of every bundled judged task is the one that cards of judges were made for."""

from __future__ import annotations

from medic_console.core import paths
from medic_console.scoring.methods.probes import bundled_probes, qualifying
from medic_console.suite.judging import METHODS, wording
from medic_console.suite.task_file import load_tasks

CEF = "sha256:2e437032fdc3f1e540b176d6ca7adc600617199226ad41548b80c47ebe9eeb8b"
PAIRWISE = "sha256:ff4c114760ac561e649776f5b377f50b3cba81f94ea80938e035d8bbd6992d07"
HARM = "sha256:42e81544a9f9c697ab78c258271497d6407f16d551ceb2515d0b574524e7d2e8"
RUBRIC = "sha256:38bc935bdf234a359da984423763c66bb82c84a4deb99cddb8558c17066dec10"
PINNED = {
    **dict.fromkeys(("aci_bench", "clinical_trials", "dischargeme", "problem_list", "soap_note"), CEF),
    **dict.fromkeys(("expert_qa", "healthsearch_qa", "medication_qa"), PAIRWISE),
    **dict.fromkeys(("healthbench", "healthbench_hard"), RUBRIC),
    "med_safety": HARM,
}


def test_wordings_and_probes_are_the_pinned_ones() -> None:
    tasks = load_tasks(paths.tasks_dir()).tasks.values()
    assert {task.id: wording(task.judge) for task in tasks if task.judge is not None} == PINNED
    assert bundled_probes() == "sha256:8e98e8231d97e50ee1f2df74e24c689fc9bc02a64b4a5382ec88473f93c9238a"


def test_every_method_of_ours_can_be_qualified_for_in_its_order() -> None:
    assert tuple(METHODS) == tuple(qualifying()) == ("cef", "pairwise", "harm", "rubric")
