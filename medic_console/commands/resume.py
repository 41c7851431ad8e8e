"""`resume`: finish what was interrupted."""

from __future__ import annotations

import argparse
from contextlib import closing
from pathlib import Path

from medic_console.archive.withdrawing import withdraw_failed
from medic_console.commands import consoles
from medic_console.commands.audit_run import execute
from medic_console.commands.cluster_options import add_cluster, cluster_of
from medic_console.commands.options import add_common, add_public, archive_of
from medic_console.core.errors import ArchiveError, MedicError, UsageError
from medic_console.core.units import count
from medic_console.engine.cluster.request import ClusterRequest
from medic_console.engine.endpoint.address import is_address
from medic_console.results.reader import Reader
from medic_console.session.audit import Audit, restore_plan
from medic_console.session.cluster import on_cluster


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    add_common(parser)
    parser.add_argument("run", nargs="?", metavar="RUN", help="id of the run; the newest open one when left out")
    parser.add_argument(
        "--failed", action="store_true", help="ask failed items of RUN again too; their old scores are kept and sealed"
    )
    add_public(parser)
    add_cluster(parser)
    parser.set_defaults(handler=_resume, names_servers=_names_servers)


def _names_servers(given: argparse.Namespace) -> bool:
    """Tell whether a run that may be resumed has models behind servers."""
    try:
        with closing(Reader(archive_of(given))) as reader:
            views = [view for view in reader.runs() if given.run in (None, view.id)]
    except MedicError:
        return False  # told when it is resumed
    return any(is_address(model.file) for view in views for model in (*view.candidates, *view.judges))


def _resume(given: argparse.Namespace) -> int:
    archive, cluster = archive_of(given), cluster_of(given)
    if not given.failed:
        return resume_run(given.run, archive, given.json, cluster, given.public)
    if given.run is None:
        raise UsageError("--failed needs the id of a run.", "See them: medic-console archive stats")
    return _again(given.run, archive, given.json, cluster, given.public)


def _again(run: str, archive: Path, as_json: bool, cluster: ClusterRequest | None, public: bool) -> int:
    """Ask the failed items of a run again, and finish it."""
    with closing(Reader(archive)) as reader:
        failed = reader.run(run).counts.failed
    if not failed:
        raise ArchiveError(f"Run {run} has no failed item: nothing is to be tried again.")
    plan = restore_plan(archive, run, public)
    with on_cluster(cluster, plan) as starts:
        audit = Audit(archive, plan, starts(plan))
        try:
            number = withdraw_failed(archive, run, "resume --failed")
        except MedicError:
            audit.close()
            raise
        consoles.errors().print(f"Asking {count(number, 'failed item')} again.", highlight=False)
        return execute(audit, archive, as_json)


def resume_run(
    run: str | None, archive: Path, as_json: bool, cluster: ClusterRequest | None = None, public: bool = False
) -> int:
    """Finish an interrupted run, the newest one when none is named; return the exit code.

    Args:
        cluster: Where the models run; None for this machine.
        public: Served models may be at any address.

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
    plan = restore_plan(archive, run or open_runs[0], public)
    with on_cluster(cluster, plan) as starts:
        return execute(Audit(archive, plan, starts(plan)), archive, as_json)
