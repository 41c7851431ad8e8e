"""A template that loops or grows on one prompt has its bounds in the engine's process too."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from medic_console.core.errors import EngineError, TemplateFault, TemplateSpent
from medic_console.core.records import Message
from medic_console.engine.child import bounded as bounds
from medic_console.engine.child.bounded import bounded
from medic_console.engine.protocol.port import Broken
from medic_console.engine.template.chat_template import ChatTemplate
from medic_console.testing.random_model import CHATML, Shape, write_random_model
from tests.conftest import user_prompt
from tests.engine.conftest import StartEngine, events_of

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no such bounds there")
LOOPS = "{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}"
LONG = "x" * 1000


def on_long_prompts(what: str) -> str:
    """Return a template that is sound but for prompts longer than those that it is tried with."""
    return f"{{% if messages[-1]['content'] | length > 900 %}}{what}{{% endif %}}{CHATML}"


def test_what_takes_too_long_is_ended_and_what_does_not_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "SECONDS", 0.1)
    template = ChatTemplate(on_long_prompts(LOOPS))
    with pytest.raises(TemplateSpent, match="does not come to an end on a prompt"), bounded():
        template.render([Message("user", LONG)])
    with bounded():
        assert "Short." in template.render([Message("user", "Short.")])


@pytest.mark.skipif(sys.platform != "linux", reason="the process's size is not known there")
def test_what_takes_too_much_memory_fails_and_the_limit_goes_again() -> None:
    with bounded():
        template = ChatTemplate(on_long_prompts("{{ 'a' * 10 ** 10 }}"))
    with pytest.raises(TemplateFault, match="needs too much memory"), bounded():
        template.render([Message("user", LONG)])
    assert len(bytearray(bounds.MEMORY + (64 << 20))) > bounds.MEMORY


def test_a_prompt_that_the_template_loops_on_refuses_a_dry_run_and_breaks_alone_in_a_run(
    start: StartEngine, tmp_path: Path
) -> None:
    path, template = write_random_model(tmp_path / "m.gguf", Shape(seed=3, name="m")), on_long_prompts(LOOPS)
    short, long_ = user_prompt("short", "Hello.", max_tokens=2), user_prompt("long", LONG, max_tokens=2)
    with pytest.raises(EngineError, match="does not come to an end on a prompt") as caught:
        start(path, vocabulary_only=True, template=template).count([short, long_])
    assert "--chat-template" in caught.value.hint
    events = events_of(start(path, template=template), [short, long_])
    assert [event.prompt_id for event in events if isinstance(event, Broken)] == ["long"]
