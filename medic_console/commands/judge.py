"""`judge`: qualify judges, list them, show what was measured."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from rich.console import Console

from medic_console.archive.views import ModelView
from medic_console.audit.prepare import known_tasks, named_template, task_named, usable_models
from medic_console.commands import consoles
from medic_console.commands.audit_run import DONE, FINISHED_WITH_FAILURES, INTERRUPTED, follow, hashing
from medic_console.commands.engine_options import add_engine, run_settings
from medic_console.commands.judge_own import of_probes, own_probes, show_measured
from medic_console.commands.judge_tables import (
    card_record,
    judge_record,
    print_card,
    print_list,
    print_slices,
    print_wrong,
)
from medic_console.commands.options import add_common, add_endpoints, archive_of
from medic_console.commands.output import write_json
from medic_console.core.errors import ArchiveError, UsageError
from medic_console.core.naming import alias_or
from medic_console.core.near import meant
from medic_console.core.run_settings import RunSettings
from medic_console.engine.endpoint.access import usual_access
from medic_console.engine.endpoint.address import Address, address_of
from medic_console.engine.files.named import fitting_or_file
from medic_console.results.judging.card import Card
from medic_console.results.judging.card_rows import NOTE
from medic_console.results.judging.judges import known_judges, newest, today
from medic_console.results.judging.qualification_replies import wrong_replies
from medic_console.results.reader import Reader
from medic_console.session.audit import Audit
from medic_console.session.qualification import Qualification, asking_alike, request

_GOES_ON = "The same command goes on where it stopped."


@dataclass(frozen=True, slots=True)
class JudgeChoice:
    """What a person named for a qualification.

    Attributes:
        tasks: Whose wording is to be qualified for, and with it all that share it; empty for all.
        template: Jinja file to use in place of the judges' own chat templates.
        reviewed: Queue whose settled cards are the probes; empty: the console's own probes.
        physicians: HealthBench's file of physicians' labels, which are the probes then.
        public: Served judges may be at any address.
    """

    judges: Sequence[Path | Address]
    tasks: Sequence[str] = ()
    template: Path | None = None
    settings: RunSettings = field(default_factory=RunSettings)
    reviewed: str = ""
    physicians: Path | None = None
    public: bool = False


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    verbs = parser.add_subparsers(metavar="COMMAND", required=True)
    qualify = verbs.add_parser("qualify", help="measure judges on probes with known answers")
    add_common(qualify)
    qualify.add_argument("files", nargs="*", type=Path, metavar="FILE", help="judges; several are compared too")
    add_endpoints(qualify, judges=False)
    qualify.add_argument(
        "--task", action="append", default=[], metavar="TASK", help="task whose wording is asked (repeatable; all)"
    )
    qualify.add_argument(
        "--chat-template",
        dest="template",
        type=Path,
        metavar="FILE",
        help="Jinja text in place of the judges' own; none: completions",
    )
    own = qualify.add_mutually_exclusive_group()
    own.add_argument("--reviewed", default="", metavar="QUEUE", help="ask what people answered in a queue; no card")
    own.add_argument("--physicians", type=Path, metavar="FILE", help="HealthBench's labels of physicians; no card")
    add_engine(qualify.add_argument_group("engine"))
    qualify.set_defaults(handler=_qualify)
    listed = verbs.add_parser("list", help="judges with the newest verdict on each")
    add_common(listed)
    listed.set_defaults(handler=lambda given: list_judges(archive_of(given), given.json))
    show = verbs.add_parser("show", help="what was measured of a judge")
    add_common(show)
    show.add_argument("judge", metavar="JUDGE", help="file, name, or the beginning of the sha256")
    show.add_argument("--wrong", action="store_true", help="list the probes that it did not answer right")
    show.set_defaults(handler=lambda given: show_judge(given.judge, archive_of(given), given.wrong, given.json))


def _qualify(arguments: argparse.Namespace) -> int:
    settings = run_settings(arguments)
    choice = JudgeChoice(
        [*arguments.files, *map(address_of, arguments.endpoint)],
        arguments.task,
        arguments.template,
        settings,
        arguments.reviewed,
        arguments.physicians,
        arguments.public,
    )
    if not choice.judges:
        raise UsageError("No judge was named.", "Name at least one GGUF file, or a server with --endpoint URL.")
    return qualify(choice, archive_of(arguments), arguments.json)


def qualify(choice: JudgeChoice, archive: Path, as_json: bool) -> int:
    """Put the probes to judges and print their cards; return 0 when all are qualified for all methods, else 1.

    Raises:
        UsageError: Something cannot be used; nothing was started.
    """
    errors = consoles.errors()
    known = known_tasks()
    for fault in known.faults:
        errors.print(f"Left out: {fault.message}", style="yellow", markup=False, highlight=False)
    named = [task_named(name, known.tasks) for name in choice.tasks] or list(known.tasks.values())
    tasks = asking_alike(named, known.tasks.values())
    settings = replace(choice.settings, chat_template=named_template(choice.template))
    access = usual_access(choice.public)
    judges = usable_models(choice.judges, settings, choice.template, hashing(errors), access=access)
    own = own_probes(archive, choice.reviewed, choice.physicians)
    if own is not None:
        work = Qualification(archive, request(judges, of_probes(tasks, own), settings, own=own.probes, access=access))
        code = _followed(work.probing(with_cards=False), errors)
        if code == DONE:
            show_measured(archive, work.measured(), own, as_json)
        return code
    work = Qualification(archive, request(judges, tasks, settings, access=access))
    code = _followed(work.probing(), errors)
    if code == DONE and (crossing := work.crossing()) is not None:
        code = _followed(crossing, errors)
    if code != DONE:
        return code
    cards = work.cards()
    if as_json:
        write_json("cards", {"archive": str(archive), "judges": by_judge(cards)})
    else:
        console = consoles.output()
        for card in cards:
            print_card(console, card)
        console.print(f"\n{NOTE}", style="dim", highlight=False)
        console.print(f"Archive: {archive}", highlight=False)
        console.print("By topic and probe by probe: medic-console judge show JUDGE --wrong", highlight=False)
    return DONE if all(card.qualified for card in cards) else FINISHED_WITH_FAILURES


def list_judges(archive: Path, as_json: bool) -> int:
    """Print each judge and wording with its newest card and whether that still holds; those too that have none.

    Raises:
        ArchiveError: There is no archive.
    """
    with closing(Reader(archive)) as reader:
        judges = known_judges(reader, known_tasks().tasks.values())
    if as_json:
        write_json("judges", {"archive": str(archive), "judges": [judge_record(judge) for judge in judges]})
        return DONE
    print_list(consoles.output(), judges)
    return DONE


def show_judge(name: str, archive: Path, wrong: bool, as_json: bool) -> int:
    """Print the newest cards of one judge, named by its file, its name or the beginning of its sha256.

    Raises:
        ArchiveError: There is no card of such a judge, or the name fits several.
    """
    listed = []
    with closing(Reader(archive)) as reader:
        cards = _named(name, newest(reader.qualifications.cards()), reader.models(), archive)
        for card in cards:
            listed.append(
                wrong_replies(reader, card.run, card.conditions.judge, card.conditions.wording) if wrong else []
            )
    if as_json:
        records = by_judge(cards)
        for record, replies in zip(records[0]["methods"], listed, strict=True):
            record |= {"wrong": [one.as_json() for one in replies]} if wrong else {}
        write_json("judge", records[0])
        return DONE
    console, now = consoles.output(), today(known_tasks().tasks.values())
    for card, replies in zip(cards, listed, strict=True):
        print_card(console, card, now.changes(card))
        print_slices(console, card)
        if wrong:
            print_wrong(console, replies)
    return DONE


def _followed(audit: Audit, errors: Console) -> int:
    ended = follow(audit, errors, _GOES_ON)
    if ended.status == "done":
        return DONE
    errors.print(f"Run {audit.run} {ended.status}: {ended.message}", style="bold", markup=False, highlight=False)
    errors.print(_GOES_ON, highlight=False)
    return INTERRUPTED if ended.status == "interrupted" else FINISHED_WITH_FAILURES


def _named(name: str, cards: Sequence[Card], models: Sequence[ModelView], archive: Path) -> list[Card]:
    judged = {card.conditions.judge for card in cards}
    wanted = {model.sha256 for model in fitting_or_file(name, [one for one in models if one.sha256 in judged])}
    found = [card for card in cards if card.conditions.judge in wanted]
    judges = {card.conditions.judge: card.name for card in found}
    known = [alias_or(card.conditions.judge, card.name) for card in cards]
    if not judges:
        qualify = "Qualify one: medic-console judge qualify FILE"
        hint = meant(name, known, "Qualified so far") if known else qualify
        raise ArchiveError(f"{archive}: there is no card of a judge {name}.", hint)
    if len(judges) > 1:
        several = ", ".join(judge.removeprefix("sha256:")[:12] for judge in judges)
        raise ArchiveError(f"{name} is the name of {len(judges)} judges.", f"Name one by its sha256: {several}.")
    return found


def by_judge(cards: Sequence[Card]) -> list[dict[str, Any]]:
    """Return the cards of each judge as JSON; a judge is qualified where all of its cards say so."""
    found: dict[str, dict[str, Any]] = {}
    for card in cards:
        judge = card.conditions.judge
        record = found.setdefault(judge, {"name": card.name, "sha256": judge, "qualified": True, "methods": []})
        record["qualified"] = record["qualified"] and card.qualified
        record["methods"].append(card_record(card))
    return list(found.values())
