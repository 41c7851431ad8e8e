"""`archive export`, `archive import` and `archive merge`: runs that go from one archive to another."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from pathlib import Path

from medic_console.archive.merging.export import export_runs
from medic_console.archive.merging.merge import Merged
from medic_console.commands import consoles
from medic_console.commands.options import add_common, archive_of
from medic_console.commands.output import write_json
from medic_console.core.units import count
from medic_console.core.visible import one_line
from medic_console.session.merging import merge


def add_verbs(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the verbs to those of `archive`."""
    export = verbs.add_parser("export", help="write chosen runs, with what they rest on, into an archive of their own")
    add_common(export)
    export.add_argument("runs", nargs="+", metavar="RUN", help="ids of the runs")
    export.add_argument("file", type=Path, metavar="FILE", help="archive to write; it must not be there yet")
    export.set_defaults(handler=lambda given: write_export(archive_of(given), given.runs, given.file, given.json))
    take = verbs.add_parser("import", help="take the runs of an exported file, or of another archive")
    add_common(take)
    take.add_argument("file", type=Path, metavar="FILE", help="file of `archive export`, or an archive")
    take.set_defaults(handler=lambda given: take_merged(archive_of(given), [given.file], given.json))
    join = verbs.add_parser("merge", help="take the runs of other archives; halves and shards of one run become one")
    add_common(join)
    join.add_argument("files", nargs="+", type=Path, metavar="FILE", help="archives, or files of `archive export`")
    join.set_defaults(handler=lambda given: take_merged(archive_of(given), given.files, given.json))


def write_export(archive: Path, runs: Sequence[str], file: Path, as_json: bool) -> int:
    """Write runs into a file and say what it holds.

    Raises:
        ArchiveError: There is no such run, or the file cannot be written.
    """
    found = export_runs(archive, runs, file)
    if as_json:
        write_json(
            "exported",
            {
                "archive": str(archive),
                "file": str(file),
                "runs": list(found.runs),
                "along": list(found.along),
                "bytes": found.size,
            },
        )
        return 0
    lines = [f"{count(len(found.runs), 'run')} of {archive} in {file}, {found.size:,} bytes."]
    if found.along:
        lines.append(f"Their figures rest on these too, which are in it: {', '.join(found.along)}.")
    lines.append(
        "Reviews stay behind: medic-console review packet. Texts of patients are in the file as in the archive."
    )
    _print(lines)
    return 0


def take_merged(archive: Path, files: Sequence[Path], as_json: bool) -> int:
    """Take runs of other archives and say which; exit code 1 where shards of a run are missing.

    Raises:
        ArchiveError: A file does not hold, or contradicts the archive; nothing was taken.
    """
    found = merge(archive, files)
    merged, missing = found.taken.merged, found.taken.missing
    if as_json:
        sources = [{"file": one.name, "runs": one.runs, "scores": one.scores, "changed": one.changed} for one in merged]
        write_json(
            "merged",
            {"archive": str(archive), "files": sources, "missing": missing, "unproved": list(found.unproved)},
        )
        return 1 if missing else 0
    lines = [line for one in merged for line in _told(one)]
    lines += [f"! Run {run} lacks shards {', '.join(shards)}." for run, shards in missing.items()]
    lines += [f"! {one}" for one in found.unproved]
    _print(lines)
    return 1 if missing else 0


def _told(merged: Merged) -> list[str]:
    if not merged.changed:
        return [f"{merged.name}: all of it is here already."]
    lines = [f"{merged.name}: {count(merged.scores, 'score')} added."]
    lines += [
        f"  {theirs}" + (f" is {ours} here" if theirs != ours else "") for theirs, ours in sorted(merged.runs.items())
    ]
    return lines


def _print(lines: Iterable[str]) -> None:
    for line in lines:
        consoles.output().print(one_line(line, 1_000), markup=False, highlight=False, soft_wrap=True)
