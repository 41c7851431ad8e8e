"""Templates of unknown origin are tried in a process that may be ended; what they do to it is told in words."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

from medic_console.childproc.child import Child, Ended
from medic_console.childproc.lines import to_line
from medic_console.core.errors import EngineError, ModelFileError
from medic_console.engine.template import process as template_process
from medic_console.engine.template.probing import Form
from medic_console.engine.template.process import probed, rendered
from medic_console.engine.template.variables import Variables
from medic_console.testing.random_model import CHATML
from tests.conftest import command_environment, is_gone, wait_until
from tests.engine.test_template import NO_BRANCH, TYPED

MESSAGES = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hello."}]
GIVEN: Variables = {"bos_token": "<s>", "eos_token": "", "enable_thinking": True, "date": "2025-01-01"}


@pytest.mark.parametrize(
    ("source", "form"), [(CHATML, Form()), (TYPED, Form(parts=True)), (NO_BRANCH, Form(merged=True))]
)
def test_the_form_that_a_template_is_used_in_is_found(source: str, form: Form) -> None:
    assert probed(source).form == form
    assert bool(probed(source).notes) == (form != Form())


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("{{ 1 / 0 }}", "it fails (ZeroDivisionError: division by zero)"),
        ("{{ 'a' * 10 ** 10 }}", "it needs too much memory"),
        ("{% set a = 'a' * 10 ** 8 %}{{ a ~ a ~ a ~ a ~ a ~ a ~ a }}", "it needs too much memory"),
        ("{% macro a() %}{{ a() }}{% endmacro %}{{ a() }}", "it calls itself without end"),
        ("{{ " + "(" * 5000 + ")" * 5000 + " }}", "it calls itself without end"),
        (
            "{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}",
            "it does not come to an end",
        ),
        ("Constant.", "it writes the same prompt whatever is asked"),
    ],
)
def test_what_a_template_does_to_the_process_is_told_in_words(source: str, why: str) -> None:
    with pytest.raises(ModelFileError) as caught:
        probed(source)
    assert caught.value.message == f"The chat template cannot be used: {why}."
    assert "--chat-template" in caught.value.hint


def test_a_template_that_ends_the_process_is_told_and_the_next_one_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(template_process, "PATIENCE", 0.2)
    with pytest.raises(ModelFileError, match="it does not come to an end"):
        probed("{% for i in range(9999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}")
    monkeypatch.undo()
    assert probed(CHATML + "{# another #}").form == Form()


@pytest.mark.skipif(sys.platform == "win32", reason="no such limit there")
def test_a_template_that_loops_has_used_up_its_processor_time_before_anybody_loses_patience() -> None:
    source = "{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}"
    child = Child("medic_console.engine.template.serve")
    try:
        child.receive(60)
        with pytest.raises(Ended) as ended:
            child.ask(to_line({"kind": "probe", "source": source, "thinks": True, "date": "2025-01-01"}), 45)
    finally:
        child.end()
    assert ended.value.code == -signal.SIGXCPU


def test_a_process_that_does_not_start_is_no_fault_of_the_template(monkeypatch: pytest.MonkeyPatch) -> None:
    process = template_process._Process()
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(EngineError, match="did not start"):
        process.ask({"kind": "probe", "source": CHATML, "thinks": True, "date": "2025-01-01"})


def test_a_stored_prompt_is_rendered_again_in_the_form_that_was_stored() -> None:
    assert rendered(TYPED, GIVEN, MESSAGES, 0, {"parts": True, "merged": False, "single": False}, "") == (
        "[system]Be brief.[user]Hello.[assistant]"
    )
    assert rendered(NO_BRANCH, GIVEN, MESSAGES, 0, None, None) == "[INST]Be brief.\n\nHello.[/INST]"
    with pytest.raises(ModelFileError, match="the text of the system turn does not reach the prompt"):
        rendered(NO_BRANCH, GIVEN, MESSAGES, 0, {"parts": False, "merged": False, "single": False}, "")


def test_the_process_ends_with_the_program_that_started_it() -> None:
    code = f"from medic_console.engine.template import process as t; t.probed({CHATML!r}); print(t._PROCESS._child.pid)"
    said = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=command_environment()
    )
    wait_until(lambda: is_gone(int(said.stdout)), "the process goes")
