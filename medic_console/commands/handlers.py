"""What each command does with its arguments. Each imports what it needs when it runs, so that `--help` is quick."""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from medic_console.core import paths

if TYPE_CHECKING:
    from medic_console.core.run_settings import RunSettings


def _archive(arguments: argparse.Namespace) -> Path:
    named: Path | None = arguments.archive
    return (named or paths.default_archive()).expanduser().absolute()


def console(arguments: argparse.Namespace) -> int:
    """Open the console, or write what it shows first as lines."""
    if arguments.plain:
        from medic_console.commands.results import show_archive

        return show_archive(_archive(arguments))
    from medic_console.console.app import open_console

    return open_console(_archive(arguments), arguments.data)


def run(arguments: argparse.Namespace) -> int:
    """Audit models, or check with `--dry-run` what fits."""
    from medic_console.audit.prepare import Choice
    from medic_console.commands.preflight import show_fit
    from medic_console.commands.run import start_run

    settings = replace(
        _engine_settings(arguments),
        sample=_drawn(arguments.sample),
        seed=arguments.seed,
        temperature=arguments.temperature,
        top_p=arguments.top_p,
        min_p=arguments.min_p,
        repeat_penalty=arguments.repeat_penalty,
        max_failures=arguments.max_failures,
        multiple_choice=arguments.multiple_choice,
        shots=arguments.shots,
        qualified_only=arguments.qualified_judges,
    )
    choice = Choice(
        tasks=arguments.tasks,
        candidates=arguments.model,
        judges=arguments.judge,
        data=arguments.data,
        items=arguments.items,
        limit=arguments.limit,
        template=arguments.chat_template,
        encoder=arguments.encoder,
        settings=settings,
    )
    if arguments.dry_run:
        return show_fit(choice, arguments.json)
    return start_run(choice, _archive(arguments), arguments.json)


def _drawn(sample: int | None) -> int:
    """Return the size of the sample, 0 when none was asked for; the option itself takes no 0."""
    from medic_console.core.errors import UsageError

    if sample is not None and sample < 1:
        raise UsageError(f"--sample {sample} leaves no items.", "Use 1 or more.")
    return sample or 0


def _engine_settings(arguments: argparse.Namespace) -> RunSettings:
    from medic_console.core.run_settings import RunSettings

    return RunSettings(
        context=arguments.context,
        parallel=arguments.parallel,
        sequential=arguments.sequential,
        gpu_layers=arguments.gpu_layers,
        threads=arguments.threads,
        kv_type=arguments.kv_type,
        flash_attention=arguments.flash_attention,
        thinking_budget=arguments.thinking_budget,
        date=arguments.date,
        memory_check=not arguments.no_memory_check,
    )


def qualify(arguments: argparse.Namespace) -> int:
    """Measure judges on probes."""
    from medic_console.commands.judge import JudgeChoice, qualify

    settings = _engine_settings(arguments)
    choice = JudgeChoice(arguments.files, arguments.task, arguments.chat_template, settings)
    return qualify(choice, _archive(arguments), arguments.json)


def list_judges(arguments: argparse.Namespace) -> int:
    """List the judges that were measured."""
    from medic_console.commands.judge import list_judges

    return list_judges(_archive(arguments), arguments.json)


def show_judge(arguments: argparse.Namespace) -> int:
    """Show what was measured of a judge."""
    from medic_console.commands.judge import show_judge

    return show_judge(arguments.judge, _archive(arguments), arguments.wrong, arguments.json)


def demo(arguments: argparse.Namespace) -> int:
    """Audit the demo models, in the console or without it."""
    from medic_console.commands.demo import HINTS, NOTICE, demo_choice
    from medic_console.commands.run import start_run

    choice = demo_choice(arguments.limit)
    sys.stderr.write(NOTICE + "\n")
    if arguments.headless or arguments.json or arguments.plain:
        return start_run(choice, _archive(arguments), arguments.json, HINTS)
    from medic_console.audit.prepare import build_plan, known_tasks
    from medic_console.console.app import open_console

    return open_console(_archive(arguments), arguments.data, build_plan(choice, known_tasks().tasks))


def resume(arguments: argparse.Namespace) -> int:
    """Finish an interrupted run."""
    from medic_console.commands.run import resume_run

    return resume_run(arguments.run, _archive(arguments), arguments.json)


def score(arguments: argparse.Namespace) -> int:
    """Score outputs made elsewhere, or those of a stored run."""
    from medic_console.commands.score import Scoring, score_outputs

    asked = Scoring(
        task=arguments.task,
        archive=_archive(arguments),
        outputs=arguments.outputs,
        run=arguments.run,
        model=arguments.model,
        items=arguments.items,
        data=arguments.data,
        encoder=arguments.encoder,
        submission=arguments.submission,
    )
    return score_outputs(asked, arguments.json)


def cef_score(arguments: argparse.Namespace) -> int:
    """Score finished traces."""
    from medic_console.commands.score import score_traces

    return score_traces(arguments.traces, arguments.protocol, arguments.overall, arguments.json)


def compare(arguments: argparse.Namespace) -> int:
    """Compare models of the archive."""
    from medic_console.commands.compare import compare_models

    return compare_models(
        _archive(arguments),
        arguments.models,
        arguments.run,
        arguments.margin,
        arguments.answered_only,
        arguments.json,
    )


def portfolio(arguments: argparse.Namespace) -> int:
    """Tell which models pass which use case."""
    from medic_console.commands.compare import show_portfolio

    return show_portfolio(_archive(arguments), arguments.models, arguments.run, arguments.json)


def tasks(arguments: argparse.Namespace) -> int:
    """List the tasks."""
    from medic_console.commands.show import show_tasks

    return show_tasks(arguments.data, arguments.json)


def check_task(arguments: argparse.Namespace) -> int:
    """Check a task file."""
    from medic_console.commands.show import check_task

    return check_task(arguments.file)


def inspect(arguments: argparse.Namespace) -> int:
    """Show what a model file says of itself."""
    from medic_console.commands.model_files import show_model

    return show_model(arguments.file, arguments.digest, arguments.offload, arguments.json)


def alias(arguments: argparse.Namespace) -> int:
    """Name a model, or list the names that were given."""
    from medic_console.commands.model_aliases import name_model, show_aliases

    if arguments.model is None:
        return show_aliases(arguments.json)
    return name_model(arguments.model, arguments.name, _archive(arguments), arguments.json)


def stats(arguments: argparse.Namespace) -> int:
    """Show what the archive holds."""
    from medic_console.commands.show import show_stats

    return show_stats(_archive(arguments), arguments.json)


def results(arguments: argparse.Namespace) -> int:
    """Show a stored run's results."""
    from medic_console.commands.results import show_stored

    return show_stored(arguments.run, _archive(arguments), arguments.json)


def items(arguments: argparse.Namespace) -> int:
    """List a task's items of a stored run."""
    from medic_console.commands.results import Asked, show_items

    asked = Asked(arguments.task, arguments.run, arguments.model, arguments.item)
    return show_items(asked, _archive(arguments), arguments.json)


def locate(arguments: argparse.Namespace) -> int:
    """Print where things lie."""
    from medic_console.commands.show import locate

    return locate(arguments.place, _archive(arguments))
