"""What is asked of a cluster by options, without Ray: a stand-in for the connection loads models on this machine."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from medic_console.core.run_settings import RunSettings
from medic_console.engine.cluster import ray_cluster
from medic_console.engine.files.model import ModelFile
from medic_console.engine.protocol.port import Engine
from medic_console.session.models import start_model
from tests.conftest import QUICK, Say, document, refused

ASKED: list[RunSettings] = []


class Here:
    """Stands for a cluster: this machine."""

    def __init__(self, asked: Any) -> None:
        """Connect to nothing."""

    def start(self, model: ModelFile, cache: str, settings: RunSettings, run: str) -> Engine:
        ASKED.append(settings)
        return start_model(model, settings, cache)

    def close(self) -> None:
        """Nothing is to be ended."""


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[RunSettings]]:
    """Yield the settings of each model that was to be loaded."""
    monkeypatch.setattr(ray_cluster, "Cluster", Here)
    ASKED.clear()
    yield ASKED


def test_the_second_shape_of_a_run_on_a_cluster_is_the_one_that_is_stored(
    say: Say, random_model: Path, tmp_path: Path, cluster: list[RunSettings]
) -> None:
    archive = tmp_path / "audits.db"
    words = ("run", "gsm8k", "--limit", "1", "--stability", "1", "--model", random_model, *QUICK)
    say(*words, "--ray", "10.1.2.3:1", "--archive", archive)
    assert [one.sequential for one in cluster] == [True, False]
    with closing(sqlite3.connect(archive)) as db:
        used = db.execute(
            "SELECT run, json_extract(granted, '$.parallel') FROM engines JOIN outputs ON engine = digest "
            "JOIN calls ON calls.output = outputs.id GROUP BY run ORDER BY run"
        ).fetchall()
    assert [parallel > 1 for _, parallel in used] == [False, True]


@pytest.mark.parametrize("number", ["nan", "inf", "-1", "1.5", "0.00001"])
def test_parts_of_several_gpus_and_numbers_that_are_none_are_refused_before_the_cluster_is_asked(
    say: Say, random_model: Path, number: str
) -> None:
    words = ("run", "gsm8k", "--model", random_model, "--ray", "local", "--worker-gpus", number)
    refused(say(*words), f"--worker-gpus {float(number):g}: an engine has whole GPUs, or a part of one.")


@pytest.mark.parametrize("number", ["0", "0.25", "1", "2"])
def test_no_gpu_a_part_of_one_or_whole_ones_can_be_asked_for(
    say: Say, random_model: Path, number: str, cluster: list[RunSettings]
) -> None:
    words = ("run", "gsm8k", "--model", random_model, "--dry-run", "--json", "--ray", "local", "--worker-gpus", number)
    (*_, last) = document(say(*words))["warnings"]
    assert last.endswith("told of this machine; the cluster was not asked.")


def test_a_dry_run_refuses_what_the_run_would(say: Say, random_model: Path) -> None:
    refused(say("run", "gsm8k", "--model", random_model, "--dry-run", "--workers", "2"), "--workers is for a cluster.")
