"""`run`: its arguments. The work is imported when it is done: `--help` answers at once."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from medic_console.commands.cluster_options import add_cluster, cluster_of
from medic_console.commands.engine_options import USUAL, add_engine, given_settings
from medic_console.commands.options import add_common, add_endpoints, archive_of
from medic_console.core.errors import UsageError
from medic_console.core.run_settings import RunSettings
from medic_console.engine.endpoint.address import address_of

if TYPE_CHECKING:
    from medic_console.audit.prepare import Choice

CHOICE_MODES = ("auto", "likelihood", "generated")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    add_common(parser)
    parser.add_argument("tasks", nargs="*", metavar="TASK")
    parser.add_argument(
        "--preset", metavar="NAME", help="tasks and options of a preset, or of its file; what is named here goes before"
    )
    parser.add_argument("--list-presets", action="store_true", help="list the presets, run nothing")
    parser.add_argument(
        "--model", type=Path, action="append", default=[], metavar="FILE", help="candidate (repeatable)"
    )
    parser.add_argument("--judge", type=Path, action="append", default=[], metavar="FILE", help="judge (repeatable)")
    add_endpoints(parser)
    parser.add_argument(
        "--qualified-judges",
        dest="qualified_only",
        action="store_true",
        default=None,
        help="score nothing by a judge that is not qualified",
    )
    parser.add_argument("--items", type=Path, metavar="PATH", help="items file or folder of a single task")
    _add_taking(parser)
    parser.add_argument(
        "--stability",
        type=int,
        metavar="N",
        help="afterwards ask N items of each task again in another shape (one sequence, or several), in a run of its "
        "own, and tell how many answers are the same",
    )
    _add_dry(parser)
    parser.add_argument(
        "--max-failures", type=int, metavar="N", help=f"failed items that stop the run ({USUAL.max_failures})"
    )
    parser.add_argument(
        "--encoder", dest="encoder_file", type=Path, metavar="FILE", help="GGUF encoder that BERTScore is computed with"
    )
    parser.add_argument(
        "--chat-template",
        dest="template",
        type=Path,
        metavar="FILE",
        help="Jinja text in place of the models' own; none: plain prompts for completion, for base models",
    )
    _add_asking(parser.add_argument_group("how the tasks ask"))
    add_engine(parser.add_argument_group("engine"))
    _add_sampling(parser.add_argument_group("sampling of the candidates; judges are always greedy"))
    add_cluster(parser)
    parser.set_defaults(handler=_run)


def _add_dry(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--dry-run", action="store_true", help="check everything, show what fits, run nothing")
    parser.add_argument(
        "--probe",
        nargs="?",
        const="known",
        choices=("known", "again"),
        help="with --dry-run: load each model, read and write for a second, tell how long the run takes; what was "
        "measured before is taken, unless again is said",
    )


def _add_taking(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--limit", type=int, metavar="N", help="first N items of each task, no random sample")
    parser.add_argument("--sample", type=int, metavar="N", help="N items of each task, drawn at random by --seed")
    parser.add_argument(
        "--shard",
        metavar="K/N",
        help="the K-th of N parts of the items, on this machine; archive merge makes one run of all parts",
    )


def _add_asking(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--multiple-choice",
        choices=CHOICE_MODES,
        help="weigh the labels, or read the one that the model writes; auto: as the task file says, and read where "
        "the labels hold less than half of the probability (auto)",
    )
    group.add_argument("--shots", type=int, metavar="N", help="examples before each item (as the task file says)")


def _add_sampling(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--seed", type=int, metavar="N", help="stored with every prompt; draws --sample (0)")
    group.add_argument("--temperature", type=float, metavar="X", help="0 is greedy (0)")
    group.add_argument("--top-p", type=float, metavar="X", help="most likely tokens up to this mass (1)")
    group.add_argument("--min-p", type=float, metavar="X", help="drop tokens below this share (0)")
    group.add_argument("--repeat-penalty", type=float, metavar="X", help="against repetition (1)")


def _run(arguments: argparse.Namespace) -> int:
    from medic_console.commands.audit_run import start_run
    from medic_console.commands.dry_run import Probe, show_fit

    if arguments.list_presets:
        from medic_console.commands.presets import list_presets

        return list_presets(archive_of(arguments), arguments.json)
    choice = _choice(arguments)
    if arguments.probe and not arguments.dry_run:
        raise UsageError("--probe measures for --dry-run and runs nothing.", "Say run --dry-run --probe.")
    cluster = cluster_of(arguments)
    if arguments.dry_run:
        probe = Probe(archive_of(arguments), arguments.probe == "again") if arguments.probe else None
        return show_fit(choice, arguments.json, probe, elsewhere=cluster is not None)
    again = _second_shape(choice, arguments.stability) if arguments.stability is not None else None
    return start_run(choice, archive_of(arguments), arguments.json, again=again, cluster=cluster)


def _choice(arguments: argparse.Namespace) -> Choice:
    """Return what was named, over what a preset says.

    Raises:
        UsageError: There is no such preset, or it cannot be used.
    """
    from medic_console.audit.prepare import Choice

    given = given_settings(arguments)
    if (sample := _drawn(arguments.sample)) is not None:
        given["sample"] = sample
    named = Choice(
        tasks=arguments.tasks,
        candidates=[*arguments.model, *map(address_of, arguments.endpoint)],
        judges=[*arguments.judge, *map(address_of, arguments.judge_endpoint)],
        data=arguments.data,
        items=arguments.items,
        limit=arguments.limit,
        template=arguments.template,
        encoder=arguments.encoder_file,
        settings=RunSettings(**given),
        public=arguments.public,
    )
    if arguments.preset is None:
        return named
    from medic_console.commands.presets import over_preset, preset_asked

    return over_preset(preset_asked(arguments.preset, archive_of(arguments)), named, given)


def _second_shape(choice: Choice, number: int) -> Choice:
    """Return a run of a part of the items, in another shape and without judges.

    Raises:
        UsageError: There is no such part.
    """
    if number < 1:
        raise UsageError(f"--stability {number} leaves no items.", "Use 1 or more.")
    settings = replace(choice.settings, sequential=not choice.settings.sequential, parallel=0)
    if choice.limit is not None:
        return replace(choice, settings=settings, judges=(), limit=min(number, choice.limit))
    sample = min(number, choice.settings.sample or number)
    return replace(choice, settings=replace(settings, sample=sample), judges=())


def _drawn(sample: int | None) -> int | None:
    """Return the size of the sample, None when none was asked for; the option itself takes no 0."""
    if sample is not None and sample < 1:
        raise UsageError(f"--sample {sample} leaves no items.", "Use 1 or more.")
    return sample
