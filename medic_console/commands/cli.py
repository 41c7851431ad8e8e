"""Arguments in, exit code out. A command's module is imported when the command is named, so that `--help` is quick."""

from __future__ import annotations

import argparse
import io
import os
import sys
import traceback
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from types import MappingProxyType, TracebackType

from medic_console import __version__
from medic_console.commands.options import add_offline, add_unpacking, archive_of
from medic_console.commands.output import plain
from medic_console.commands.parser import Parser
from medic_console.core import offline, paths, visible
from medic_console.core.errors import MedicError, UsageError
from medic_console.core.notices import on_notice
from medic_console.core.unpacking import allow

USAGE = 2
SHELLS = ("bash", "zsh", "fish", "tcsh")
INTERRUPTED = 130
EPILOG = """exit codes: 0 done, 1 finished with failures, 2 usage or set-up, 130 interrupted (resumable)
MEDIC_CONSOLE_HOME moves every default path."""
COMMANDS: Mapping[str, str] = MappingProxyType(
    {
        "run": "audit models on tasks",
        "demo": "audit two bundled demo models on the bundled samples",
        "import": "take in answers that another program had of a model",
        "resume": "finish what was interrupted",
        "judge": "qualify judges; see what was measured of them",
        "score": "score outputs made elsewhere, or stored ones anew",
        "cef-score": "score finished cross-examination traces",
        "compare": "compare two to six models of the archive",
        "review": "human review: queues, decisions, what can be claimed",
        "report": "what a committee can file: written, signed, checked",
        "portfolio": "which models pass which use case's thresholds",
        "tasks": "list the tasks; check a task file",
        "models": "look at a model file, name a model",
        "archive": "look at the archive",
        "licences": "what is installed with the program, and under which licence",
        "locate": "print where things lie",
    }
)
"""Each command with its help; its arguments and its work are in the module of its name."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code; expected errors are shown with their hint, others keep a traceback."""
    if argv is None:
        _settle_process()
    given = sys.argv[1:] if argv is None else argv
    arguments = _parser(given).parse_args(given)
    plain.set(arguments.plain)
    if arguments.max_unpacked is not None:
        allow(arguments.max_unpacked)
    try:
        if argv is None:
            _refuse_sockets(arguments)
        code: int = arguments.handler(arguments)
        sys.stdout.flush()  # what cannot be written is told here, not while Python ends
    except MedicError as error:
        show_error(error)
        return USAGE
    except KeyboardInterrupt:
        sys.stderr.write("Interrupted.\n")
        return INTERRUPTED
    except BrokenPipeError:
        sys.stderr.close()
        return 0
    except Exception as error:
        from medic_console.commands.damage import due_to_archive, due_to_machine

        told = due_to_machine(error) or due_to_archive(archive_of(arguments), error)
        if told is None:
            raise
        show_error(told)
        return USAGE
    return code


def _settle_process() -> None:
    """Make the process ready: safe tracebacks, files that their owner alone may read, output in any locale."""
    sys.excepthook = show_defect
    os.umask(0o077)  # archive, logs, caches and exports hold patients' texts
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    on_notice(show_notice)


def _names_servers(arguments: argparse.Namespace) -> bool:
    """Tell whether a command speaks to servers that a person named."""
    named = getattr(arguments, "names_servers", None)
    return named is not None and bool(named(arguments))


def _refuse_sockets(arguments: argparse.Namespace) -> None:
    """Refuse sockets to other machines in every process from now on, unless a person wants none of it.

    A cluster is reached by sockets: then this process is not watched, and our child processes refuse by themselves.
    Where a server was named, the audit hook alone watches this process: the kernel knows no addresses.

    Raises:
        UsageError: A cluster was named, and that nothing goes out.
    """
    asked: bool | None = arguments.offline_proof
    if getattr(arguments, "ray", None):
        if asked:
            raise UsageError("--ray reaches other machines, and --offline-proof refuses that.", "Name one of them.")
        return
    if asked is None and (paths.config_dir() / "settings.toml").exists():
        from medic_console.core.settings import read_settings, settings_file

        asked = read_settings(settings_file()).settings.offline_proof
    if asked is False:
        offline.refuse_nothing()
    else:
        offline.refuse(kernel=not _names_servers(arguments))


def show_notice(text: str) -> None:
    """Write what a person should know at once to stderr."""
    sys.stderr.write(f"{visible.plain(text)}\n")
    sys.stderr.flush()


def show_error(error: MedicError) -> None:
    """Write an expected error to stderr: title, message, hint."""
    sys.stderr.write(f"{error.title}: {visible.plain(error.message)}\n")
    if error.hint:
        sys.stderr.write(f"  {visible.plain(error.hint)}\n")


def show_defect(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Write the traceback of an error that nobody expected; what it quotes cannot act on the terminal."""
    sys.stderr.write(visible.plain("".join(traceback.format_exception(kind, error, trace))))


def _parser(given: Sequence[str]) -> argparse.ArgumentParser:
    """Return the parser of all commands; those that are not named among the arguments have none of theirs."""
    parser = Parser(
        prog="medic-console",
        description="Offline clinical audit console for local GGUF models. Without a command it opens the console.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"medic-console {__version__}")
    parser.add_argument("--archive", type=Path, default=None, metavar="FILE", help="archive to use")
    parser.add_argument("--data", type=Path, default=None, metavar="DIR", help="folder of official files")
    add_unpacking(parser, None)
    add_offline(parser, None)
    parser.add_argument("--plain", action="store_true", help="the archive as lines instead of the console")
    parser.add_argument("--linear", action="store_true", help="the console as numbered lines, answered line by line")
    parser.add_argument("--spec", action="store_true", help="every command, option and exit code as one JSON document")
    parser.add_argument("--schema", default="", metavar="KIND", help="the JSON Schema of a document that --spec names")
    parser.add_argument(
        "--completion", choices=SHELLS, metavar="SHELL", help=f"script that completes our words in {', '.join(SHELLS)}"
    )
    parser.set_defaults(handler=_console)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    for name, said in COMMANDS.items():
        command = commands.add_parser(name, help=said)
        if name in given:
            import_module(f"medic_console.commands.{name.replace('-', '_')}").add_arguments(command)
    return parser


def _console(arguments: argparse.Namespace) -> int:
    """Open the console on a screen or in lines, or write what it shows first as lines, or what can be asked for."""
    if arguments.spec:
        from medic_console.commands.output import write_json
        from medic_console.commands.spec import spec

        write_json("spec", spec(_parser(tuple(COMMANDS))))
        return 0
    if arguments.schema:
        return _schema(arguments.schema)
    if arguments.completion:
        from medic_console.commands.completion import completion

        sys.stdout.write(completion(_parser(tuple(COMMANDS)), arguments.completion))
        return 0
    if arguments.linear:
        from medic_console.linear.home import open_linear

        return open_linear(archive_of(arguments), arguments.data)
    if arguments.plain:
        from medic_console.commands.archive import show_archive

        return show_archive(archive_of(arguments))
    import gc

    gc.disable()  # what is loaded now stays: to look through it for garbage is a seventh of the start
    from medic_console.console.home.first_look import FirstLook

    archive = archive_of(arguments)
    first = FirstLook(archive) if sys.stdout.isatty() else None
    from medic_console.console.app import open_console

    return open_console(archive, arguments.data, first=first)


def _schema(kind: str) -> int:
    """Write the JSON Schema of a kind of document."""
    import json

    from medic_console.core.documents import KINDS, PREFIX, schema_of
    from medic_console.core.near import meant

    named = kind.removeprefix(PREFIX)
    if named not in KINDS:
        raise UsageError(f'There is no document "{kind}".', meant(named, KINDS, "Documents"))
    sys.stdout.write(json.dumps(schema_of(named), indent=2, ensure_ascii=False) + "\n")
    return 0
