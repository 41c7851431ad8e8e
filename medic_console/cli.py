"""Arguments in, exit code out. Every command imports what it needs when it runs, so that `--help` is quick."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from medic_console import __version__, paths
from medic_console.errors import MedicError

if TYPE_CHECKING:
    from medic_console.plan import RunSettings

USAGE = 2
INTERRUPTED = 130
CHOICE_MODES = ("likelihood", "generated")
PROTOCOLS = ("paper", "reference-library", "reference-scripts")
EPILOG = """exit codes: 0 done, 1 finished with failures, 2 usage or set-up, 130 interrupted (resumable)
MEDIC_CONSOLE_HOME moves every default path."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code; expected errors are shown with their hint, others keep a traceback."""
    arguments = _parser().parse_args(argv)
    try:
        code: int = arguments.handler(arguments)
    except MedicError as error:
        show_error(error)
        return USAGE
    except KeyboardInterrupt:
        sys.stderr.write("Interrupted.\n")
        return INTERRUPTED
    except BrokenPipeError:
        sys.stderr.close()
        return 0
    return code


def show_error(error: MedicError) -> None:
    """Write an expected error to stderr: title, message, hint."""
    sys.stderr.write(f"{error.title}: {error.message}\n")
    if error.hint:
        sys.stderr.write(f"  {error.hint}\n")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="medic-console",
        description="Offline clinical audit console for local GGUF models. Without a command it opens the console.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"medic-console {__version__}")
    parser.set_defaults(handler=_console)
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--archive", type=Path, default=argparse.SUPPRESS, metavar="FILE", help="archive to use")
    common.add_argument("--data", type=Path, default=argparse.SUPPRESS, metavar="DIR", help="folder of official files")
    parser.add_argument("--archive", type=Path, default=None, metavar="FILE", help="archive to use")
    parser.add_argument("--data", type=Path, default=None, metavar="DIR", help="folder of official files")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    json_flag = argparse.ArgumentParser(add_help=False)
    json_flag.add_argument("--json", action="store_true", help="print one JSON document on stdout")
    _add_runs(commands, [common, json_flag])
    _add_judges(commands, [common, json_flag])
    _add_scores(commands, [common, json_flag])
    _add_comparisons(commands, [common, json_flag])
    _add_looks(commands, common, json_flag)
    return parser


def _add_runs(
    commands: argparse._SubParsersAction[argparse.ArgumentParser], parents: list[argparse.ArgumentParser]
) -> None:
    run = commands.add_parser("run", parents=parents, help="audit models on tasks")
    run.add_argument("tasks", nargs="+", metavar="TASK")
    run.add_argument(
        "--model", type=Path, action="append", required=True, metavar="FILE", help="candidate (repeatable)"
    )
    run.add_argument("--judge", type=Path, action="append", default=[], metavar="FILE", help="judge (repeatable)")
    run.add_argument("--qualified-judges", action="store_true", help="score nothing by a judge that is not qualified")
    run.add_argument("--items", type=Path, metavar="PATH", help="items file or folder of a single task")
    run.add_argument("--limit", type=int, metavar="N", help="first N items of each task")
    run.add_argument("--dry-run", action="store_true", help="check everything, show what fits, run nothing")
    run.add_argument("--max-failures", type=int, default=100, metavar="N", help="failed items that stop the run (100)")
    run.add_argument("--encoder", type=Path, metavar="FILE", help="GGUF encoder that BERTScore is computed with")
    run.add_argument("--chat-template", type=Path, metavar="FILE", help="Jinja text in place of the models' own")
    _add_asking(run.add_argument_group("how the tasks ask"))
    _add_engine(run.add_argument_group("engine"))
    _add_sampling(run.add_argument_group("sampling of the candidates; judges are always greedy"))
    run.set_defaults(handler=_run)
    demo = commands.add_parser("demo", parents=parents, help="audit two bundled demo models on the bundled samples")
    demo.add_argument("--headless", action="store_true", help="without the console")
    demo.set_defaults(handler=_demo)
    resume = commands.add_parser("resume", parents=parents, help="finish what was interrupted")
    resume.add_argument("run", nargs="?", metavar="RUN", help="id of the run; the newest open one when left out")
    resume.set_defaults(handler=_resume)


def _add_judges(
    commands: argparse._SubParsersAction[argparse.ArgumentParser], parents: list[argparse.ArgumentParser]
) -> None:
    judge = commands.add_parser("judge", help="qualify judges; see what was measured of them")
    verbs = judge.add_subparsers(metavar="COMMAND", required=True)
    qualify = verbs.add_parser("qualify", parents=parents, help="measure judges on probes with known answers")
    qualify.add_argument("files", nargs="+", type=Path, metavar="FILE", help="judges; several are compared too")
    qualify.add_argument(
        "--task", action="append", default=[], metavar="TASK", help="task whose wording is asked (repeatable; all)"
    )
    qualify.add_argument("--chat-template", type=Path, metavar="FILE", help="Jinja text in place of the judges' own")
    _add_engine(qualify.add_argument_group("engine"))
    qualify.set_defaults(handler=_qualify)
    listed = verbs.add_parser("list", parents=parents, help="judges with the newest verdict on each")
    listed.set_defaults(handler=_list_judges)
    show = verbs.add_parser("show", parents=parents, help="what was measured of a judge")
    show.add_argument("judge", metavar="JUDGE", help="file, name, or the beginning of the sha256")
    show.add_argument("--wrong", action="store_true", help="list the probes that it did not answer right")
    show.set_defaults(handler=_show_judge)


def _add_engine(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--sequential", action="store_true", help="one at a time, bit-equal on every repeat")
    group.add_argument("--parallel", type=int, default=0, metavar="N", help="sequences decoded together (what fits)")
    group.add_argument("--context", type=int, default=0, metavar="N", help="tokens a sequence may hold")
    group.add_argument("--gpu-layers", default="auto", metavar="N", help="layers to offload: auto, all or a number")
    group.add_argument("--threads", type=int, default=0, metavar="N", help="CPU threads (physical cores)")
    group.add_argument("--kv-type", choices=("f16", "q8_0"), default="f16", help="type of the key-value cache (f16)")
    group.add_argument("--flash-attention", choices=("auto", "on", "off"), default="auto")
    group.add_argument(
        "--thinking-budget", type=int, default=2048, metavar="N", help="tokens of a think block; 0: do not think (2048)"
    )
    group.add_argument("--no-memory-check", action="store_true", help="load a model that does not seem to fit")


def _add_asking(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--multiple-choice",
        choices=CHOICE_MODES,
        default="",
        help="weigh the labels, or read the one that the model writes (as the task file says)",
    )
    group.add_argument("--shots", type=int, metavar="N", help="examples before each item (as the task file says)")


def _add_sampling(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--seed", type=int, default=0, metavar="N", help="stored with every prompt (0)")
    group.add_argument("--temperature", type=float, default=0.0, metavar="X", help="0 is greedy (0)")
    group.add_argument("--top-p", type=float, default=1.0, metavar="X", help="most likely tokens up to this mass (1)")
    group.add_argument("--min-p", type=float, default=0.0, metavar="X", help="drop tokens below this share (0)")
    group.add_argument("--repeat-penalty", type=float, default=1.0, metavar="X", help="against repetition (1)")


def _add_scores(
    commands: argparse._SubParsersAction[argparse.ArgumentParser], parents: list[argparse.ArgumentParser]
) -> None:
    score = commands.add_parser("score", parents=parents, help="score outputs made elsewhere, or stored ones anew")
    score.add_argument("task", metavar="TASK")
    score.add_argument("--items", type=Path, metavar="PATH", help="items file or folder")
    source = score.add_mutually_exclusive_group(required=True)
    source.add_argument(
        "--outputs", type=Path, metavar="FILE", help='JSONL of {"id": ..., "text": ...}; for medec also a submission'
    )
    source.add_argument("--run", default="", metavar="RUN", help="outputs of a run in the archive")
    score.add_argument("--model", default="", metavar="NAME", help="candidate of that run, by name or sha256")
    score.add_argument("--submission", type=Path, metavar="FILE", help="write the answers as an official submission")
    score.add_argument("--encoder", type=Path, metavar="FILE", help="GGUF encoder that BERTScore is computed with")
    score.set_defaults(handler=_score)
    cef = commands.add_parser("cef-score", parents=parents, help="score finished cross-examination traces")
    cef.add_argument("traces", type=Path, metavar="TRACES", help="JSONL of traces")
    cef.add_argument("--protocol", choices=PROTOCOLS, default="paper")
    cef.add_argument(
        "--overall", choices=("note", "summary"), default="note", help="with conciseness for summaries (note)"
    )
    cef.set_defaults(handler=_cef_score)


def _add_comparisons(
    commands: argparse._SubParsersAction[argparse.ArgumentParser], parents: list[argparse.ArgumentParser]
) -> None:
    named = "name, name and quantisation, or beginning of the sha256"
    compare = commands.add_parser("compare", parents=parents, help="compare two to six models of the archive")
    compare.add_argument("models", nargs="+", metavar="MODEL", help=named)
    compare.add_argument("--margin", type=float, default=2.0, metavar="X", help="points that do not matter (2)")
    compare.add_argument("--unreadable-as-wrong", action="store_true", help="count unreadable outputs as wrong answers")
    compare.set_defaults(handler=_compare)
    portfolio = commands.add_parser("portfolio", parents=parents, help="which models pass which use case's thresholds")
    portfolio.add_argument("models", nargs="*", metavar="MODEL", help=f"{named}; all candidates when left out")
    portfolio.set_defaults(handler=_portfolio)
    for command in (compare, portfolio):
        command.add_argument(
            "--run", action="append", default=[], metavar="RUN", help="take only this run (repeatable)"
        )


def _add_looks(
    commands: argparse._SubParsersAction[argparse.ArgumentParser],
    common: argparse.ArgumentParser,
    json_flag: argparse.ArgumentParser,
) -> None:
    tasks = commands.add_parser("tasks", parents=[common, json_flag], help="list the tasks; check a task file")
    tasks.set_defaults(handler=_tasks)
    check = tasks.add_subparsers(metavar="COMMAND").add_parser("check", help="check one task file")
    check.add_argument("file", type=Path, metavar="FILE")
    check.set_defaults(handler=_check_task)
    models = commands.add_parser("models", help="look at a model file")
    inspect = models.add_subparsers(metavar="COMMAND", required=True).add_parser(
        "inspect", parents=[json_flag], help="what a GGUF file says of itself"
    )
    inspect.add_argument("file", type=Path, metavar="FILE")
    inspect.set_defaults(handler=_inspect)
    archive = commands.add_parser("archive", help="look at the archive")
    stats = archive.add_subparsers(metavar="COMMAND", required=True).add_parser(
        "stats", parents=[common, json_flag], help="what the archive holds"
    )
    stats.set_defaults(handler=_stats)
    locate = commands.add_parser("locate", parents=[common], help="print where things lie")
    locate.add_argument("place", choices=("config", "data", "archive", "themes", "tasks"))
    locate.set_defaults(handler=_locate)


def _archive(arguments: argparse.Namespace) -> Path:
    named: Path | None = arguments.archive
    return (named or paths.default_archive()).expanduser().absolute()


def _console(arguments: argparse.Namespace) -> int:
    from medic_console.console.app import open_console

    return open_console(_archive(arguments), arguments.data)


def _run(arguments: argparse.Namespace) -> int:
    from medic_console.headless.preflight import show_fit
    from medic_console.headless.run import start_run
    from medic_console.prepare import Choice

    settings = replace(
        _engine_settings(arguments),
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


def _engine_settings(arguments: argparse.Namespace) -> RunSettings:
    from medic_console.plan import RunSettings

    return RunSettings(
        context=arguments.context,
        parallel=arguments.parallel,
        sequential=arguments.sequential,
        gpu_layers=arguments.gpu_layers,
        threads=arguments.threads,
        kv_type=arguments.kv_type,
        flash_attention=arguments.flash_attention,
        thinking_budget=arguments.thinking_budget,
        memory_check=not arguments.no_memory_check,
    )


def _qualify(arguments: argparse.Namespace) -> int:
    from medic_console.headless.judge import JudgeChoice, qualify

    settings = _engine_settings(arguments)
    choice = JudgeChoice(arguments.files, arguments.task, arguments.chat_template, settings)
    return qualify(choice, _archive(arguments), arguments.json)


def _list_judges(arguments: argparse.Namespace) -> int:
    from medic_console.headless.judge import list_judges

    return list_judges(_archive(arguments), arguments.json)


def _show_judge(arguments: argparse.Namespace) -> int:
    from medic_console.headless.judge import show_judge

    return show_judge(arguments.judge, _archive(arguments), arguments.wrong, arguments.json)


def _demo(arguments: argparse.Namespace) -> int:
    from medic_console.demo import HINTS, NOTICE, demo_choice
    from medic_console.headless.run import start_run

    choice = demo_choice()
    sys.stderr.write(NOTICE + "\n")
    if arguments.headless or arguments.json:
        return start_run(choice, _archive(arguments), arguments.json, HINTS)
    from medic_console.console.app import open_console
    from medic_console.prepare import build_plan, known_tasks

    return open_console(_archive(arguments), arguments.data, build_plan(choice, known_tasks().tasks))


def _resume(arguments: argparse.Namespace) -> int:
    from medic_console.headless.run import resume_run

    return resume_run(arguments.run, _archive(arguments), arguments.json)


def _score(arguments: argparse.Namespace) -> int:
    from medic_console.headless.score import Scoring, score_outputs

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


def _cef_score(arguments: argparse.Namespace) -> int:
    from medic_console.headless.score import score_traces

    return score_traces(arguments.traces, arguments.protocol, arguments.overall, arguments.json)


def _compare(arguments: argparse.Namespace) -> int:
    from medic_console.headless.compare import compare_models

    return compare_models(
        _archive(arguments),
        arguments.models,
        arguments.run,
        arguments.margin,
        arguments.unreadable_as_wrong,
        arguments.json,
    )


def _portfolio(arguments: argparse.Namespace) -> int:
    from medic_console.headless.compare import show_portfolio

    return show_portfolio(_archive(arguments), arguments.models, arguments.run, arguments.json)


def _tasks(arguments: argparse.Namespace) -> int:
    from medic_console.headless.show import show_tasks

    return show_tasks(arguments.data, arguments.json)


def _check_task(arguments: argparse.Namespace) -> int:
    from medic_console.headless.show import check_task

    return check_task(arguments.file)


def _inspect(arguments: argparse.Namespace) -> int:
    from medic_console.headless.show import show_model

    return show_model(arguments.file, arguments.json)


def _stats(arguments: argparse.Namespace) -> int:
    from medic_console.headless.show import show_stats

    return show_stats(_archive(arguments), arguments.json)


def _locate(arguments: argparse.Namespace) -> int:
    from medic_console.headless.show import locate

    return locate(arguments.place, _archive(arguments))
