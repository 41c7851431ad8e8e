"""`resume`: finish what was interrupted."""

from __future__ import annotations

import argparse
from contextlib import closing
from pathlib import Path

from medic_console.commands.audit_run import execute
from medic_console.commands.cluster_options import add_cluster, cluster_of
from medic_console.commands.options import add_common, archive_of
from medic_console.core.errors import ArchiveError
from medic_console.engine.cluster.request import ClusterRequest
from medic_console.results.reader import Reader
from medic_console.session.audit import Audit, restore_plan
from medic_console.session.cluster import on_cluster


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    add_common(parser)
    parser.add_argument("run", nargs="?", metavar="RUN", help="id of the run; the newest open one when left out")
    add_cluster(parser)
    parser.set_defaults(handler=lambda given: resume_run(given.run, archive_of(given), given.json, cluster_of(given)))


def resume_run(run: str | None, archive: Path, as_json: bool, cluster: ClusterRequest | None = None) -> int:
    """Finish an interrupted run, the newest one when none is named; return the exit code.

    Args:
        cluster: Where the models run; None for this machine.

    Raises:
        ArchiveError: There is nothing to resume.
    """
    with closing(Reader(archive)) as reader:
        views = reader.runs()
    open_runs = [view.id for view in views if view.status not in ("done", "running")]
    if run is None and not open_runs:
        raise ArchiveError(
            f"{archive}: no run is waiting to be resumed.", "Start one: medic-console run TASK --model FILE"
        )
    if any(view.id == run and view.status == "done" for view in views):
        raise ArchiveError(
            f"Run {run} is finished: nothing is left to do.", f"See it: medic-console --archive {archive}"
        )
    plan = restore_plan(archive, run or open_runs[0])
    with on_cluster(cluster, plan) as start:
        return execute(Audit(archive, plan, start), archive, as_json)
