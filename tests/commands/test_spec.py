"""`--spec` names every command and option that there is."""

from __future__ import annotations

from medic_console.commands.cli import COMMANDS
from tests.conftest import Say, document


def test_every_command_stands_in_it_with_its_options_and_exit_codes(say: Say) -> None:
    found = document(say("--spec"))
    commands = {one["command"]: one for one in found["commands"]}
    assert COMMANDS.keys() <= commands.keys()
    assert {"archive items", "review reviewer add", "models inspect"} <= commands.keys()
    options = {option for one in commands["report"]["arguments"] for option in one["options"]}
    assert {"--out", "--use-case", "--scope", "--json"} <= options
    scope = next(one for one in commands["report"]["arguments"] if one["name"] == "scope")
    assert scope["choices"] == ["scores", "comments", "full"] and scope["value"]
    assert list(found["exit_codes"]) == ["0", "1", "2", "130"]
    assert all(one["help"] for one in found["commands"])
