"""Arguments in, exit code out."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from medic_console import __version__, handlers, visible
from medic_console.errors import MedicError
from medic_console.headless.line_mode import plain

USAGE = 2
INTERRUPTED = 130
CHOICE_MODES = ("auto", "likelihood", "generated")
PROTOCOLS = ("paper", "reference-library", "reference-scripts")
EPILOG = """exit codes: 0 done, 1 finished with failures, 2 usage or set-up, 130 interrupted (resumable)
MEDIC_CONSOLE_HOME moves every default path."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code; expected errors are shown with their hint, others keep a traceback."""
    arguments = _parser().parse_args(argv)
    plain.set(arguments.plain)
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
    sys.stderr.write(f"{error.title}: {visible.plain(error.message)}\n")
    if error.hint:
        sys.stderr.write(f"  {visible.plain(error.hint)}\n")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="medic-console",
        description="Offline clinical audit console for local GGUF models. Without a command it opens the console.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"medic-console {__version__}")
    parser.set_defaults(handler=handlers.console)
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--archive", type=Path, default=argparse.SUPPRESS, metavar="FILE", help="archive to use")
    common.add_argument("--data", type=Path, default=argparse.SUPPRESS, metavar="DIR", help="folder of official files")
    parser.add_argument("--archive", type=Path, default=None, metavar="FILE", help="archive to use")
    parser.add_argument("--data", type=Path, default=None, metavar="DIR", help="folder of official files")
    parser.add_argument("--plain", action="store_true", help="the archive as lines instead of the console")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    json_flag = argparse.ArgumentParser(add_help=False)
    json_flag.add_argument("--json", action="store_true", help="print one JSON document on stdout")
    json_flag.add_argument(
        "--plain", action="store_true", default=argparse.SUPPRESS, help="one line a fact, for screen readers and logs"
    )
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
    run.add_argument("--limit", type=int, metavar="N", help="first N items of each task, no random sample")
    run.add_argument("--sample", type=int, metavar="N", help="N items of each task, drawn at random by --seed")
    run.add_argument("--dry-run", action="store_true", help="check everything, show what fits, run nothing")
    run.add_argument("--max-failures", type=int, default=100, metavar="N", help="failed items that stop the run (100)")
    run.add_argument("--encoder", type=Path, metavar="FILE", help="GGUF encoder that BERTScore is computed with")
    run.add_argument(
        "--chat-template",
        type=Path,
        metavar="FILE",
        help="Jinja text in place of the models' own; none: plain prompts for completion, for base models",
    )
    _add_asking(run.add_argument_group("how the tasks ask"))
    _add_engine(run.add_argument_group("engine"))
    _add_sampling(run.add_argument_group("sampling of the candidates; judges are always greedy"))
    run.set_defaults(handler=handlers.run)
    demo = commands.add_parser("demo", parents=parents, help="audit two bundled demo models on the bundled samples")
    demo.add_argument("--headless", action="store_true", help="without the console")
    demo.add_argument("--limit", type=int, metavar="N", help="first N items of each task")
    demo.set_defaults(handler=handlers.demo)
    resume = commands.add_parser("resume", parents=parents, help="finish what was interrupted")
    resume.add_argument("run", nargs="?", metavar="RUN", help="id of the run; the newest open one when left out")
    resume.set_defaults(handler=handlers.resume)


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
    qualify.add_argument(
        "--chat-template", type=Path, metavar="FILE", help="Jinja text in place of the judges' own; none: completions"
    )
    _add_engine(qualify.add_argument_group("engine"))
    qualify.set_defaults(handler=handlers.qualify)
    listed = verbs.add_parser("list", parents=parents, help="judges with the newest verdict on each")
    listed.set_defaults(handler=handlers.list_judges)
    show = verbs.add_parser("show", parents=parents, help="what was measured of a judge")
    show.add_argument("judge", metavar="JUDGE", help="file, name, or the beginning of the sha256")
    show.add_argument("--wrong", action="store_true", help="list the probes that it did not answer right")
    show.set_defaults(handler=handlers.show_judge)


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
    group.add_argument(
        "--date", default="2025-01-01", metavar="DAY", help="what chat templates take for today (2025-01-01)"
    )
    group.add_argument("--no-memory-check", action="store_true", help="load a model that does not seem to fit")


def _add_asking(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--multiple-choice",
        choices=CHOICE_MODES,
        default="auto",
        help="weigh the labels, or read the one that the model writes; auto: as the task file says, and read where "
        "the labels hold less than half of the probability (auto)",
    )
    group.add_argument("--shots", type=int, metavar="N", help="examples before each item (as the task file says)")


def _add_sampling(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--seed", type=int, default=0, metavar="N", help="stored with every prompt; draws --sample (0)")
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
    score.set_defaults(handler=handlers.score)
    cef = commands.add_parser("cef-score", parents=parents, help="score finished cross-examination traces")
    cef.add_argument("traces", type=Path, metavar="TRACES", help="JSONL of traces")
    cef.add_argument("--protocol", choices=PROTOCOLS, default="paper")
    cef.add_argument(
        "--overall", choices=("note", "summary"), default="note", help="with conciseness for summaries (note)"
    )
    cef.set_defaults(handler=handlers.cef_score)


def _add_comparisons(
    commands: argparse._SubParsersAction[argparse.ArgumentParser], parents: list[argparse.ArgumentParser]
) -> None:
    named = "name, name and quantisation, or beginning of the sha256"
    compare = commands.add_parser("compare", parents=parents, help="compare two to six models of the archive")
    compare.add_argument("models", nargs="+", metavar="MODEL", help=f"{named}; with @RUN behind it, in that run alone")
    compare.add_argument("--margin", type=float, default=2.0, metavar="X", help="points that do not matter (2)")
    compare.add_argument(
        "--answered-only",
        action="store_true",
        help="leave out items that a model left without a whole answer; else they take the worst value",
    )
    compare.set_defaults(handler=handlers.compare)
    portfolio = commands.add_parser("portfolio", parents=parents, help="which models pass which use case's thresholds")
    portfolio.add_argument("models", nargs="*", metavar="MODEL", help=f"{named}; all candidates when left out")
    portfolio.set_defaults(handler=handlers.portfolio)
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
    tasks.set_defaults(handler=handlers.tasks)
    check = tasks.add_subparsers(metavar="COMMAND").add_parser("check", help="check one task file")
    check.add_argument("file", type=Path, metavar="FILE")
    check.set_defaults(handler=handlers.check_task)
    _add_models(commands, common, json_flag)
    archive = commands.add_parser("archive", help="look at the archive")
    verbs = archive.add_subparsers(metavar="COMMAND", required=True)
    stats = verbs.add_parser("stats", parents=[common, json_flag], help="what the archive holds")
    stats.set_defaults(handler=handlers.stats)
    results = verbs.add_parser("results", parents=[common, json_flag], help="a stored run's results")
    results.add_argument("run", nargs="?", metavar="RUN", help="id of the run; the newest one when left out")
    results.set_defaults(handler=handlers.results)
    items = verbs.add_parser("items", parents=[common, json_flag], help="a task's items in a run, each with its answer")
    items.add_argument("task", metavar="TASK")
    items.add_argument("--run", metavar="RUN", help="id of the run; the newest one when left out")
    items.add_argument("--model", default="", metavar="NAME", help="candidate, by name or sha256 (all)")
    items.add_argument(
        "--item", default="", metavar="ID", help="one item with its whole trace: prompts, outputs, engine"
    )
    items.set_defaults(handler=handlers.items)
    locate = commands.add_parser("locate", parents=[common], help="print where things lie")
    locate.add_argument("place", choices=("config", "data", "archive", "themes", "tasks"))
    locate.set_defaults(handler=handlers.locate)


def _add_models(
    commands: argparse._SubParsersAction[argparse.ArgumentParser],
    common: argparse.ArgumentParser,
    json_flag: argparse.ArgumentParser,
) -> None:
    models = commands.add_parser("models", help="look at a model file, name a model")
    verbs = models.add_subparsers(metavar="COMMAND", required=True)
    inspect = verbs.add_parser(
        "inspect", parents=[json_flag], help="what a GGUF file says of itself, and whether it can be audited"
    )
    inspect.add_argument("file", type=Path, metavar="FILE")
    inspect.add_argument("--digest", action="store_true", help="read the whole file for its sha256, if it is not known")
    inspect.add_argument("--offload", action="store_true", help="ask llama.cpp which devices it can offload layers to")
    inspect.set_defaults(handler=handlers.inspect)
    alias = verbs.add_parser(
        "alias", parents=[common, json_flag], help="give a model a name of yours; without arguments list those given"
    )
    alias.add_argument(
        "model", nargs="?", metavar="MODEL", help="file, or beginning of the sha256, or name in the archive"
    )
    alias.add_argument("name", nargs="?", default=None, metavar="NAME", help='the name; "" takes it away')
    alias.set_defaults(handler=handlers.alias)
