"""What is installed, told with its licence; the GPL and the AGPL are marked, the LGPL is not."""

from __future__ import annotations

import json
from importlib import metadata

import pytest

from medic_console import __version__
from medic_console.core.installed import Distribution, installed
from tests.conftest import Say, document, fits_its_schema
from tests.reports.formats.schemas import cyclonedx

COPYLEFT = ("GPL-3.0-only", "AGPL-3.0-or-later", "GNU General Public License v3 (GPLv3)", "GPLv2", "GNU Affero GPL")
FREE = ("MIT", "LGPL-2.1-or-later", "GNU Lesser General Public License v3", "MIT OR GPL-3.0-only", "", "Apache-2.0")


@pytest.mark.parametrize("licence", COPYLEFT)
def test_the_gpl_and_the_agpl_are_marked(licence: str) -> None:
    assert Distribution("a", "1", licence, True).copyleft


@pytest.mark.parametrize("licence", FREE)
def test_other_licences_are_not(licence: str) -> None:
    assert not Distribution("a", "1", licence, True).copyleft


def test_every_distribution_is_told_once_with_its_licence(say: Say) -> None:
    record = document(say("licences", "--json"))
    fits_its_schema(record)
    found = {one["name"]: one for one in record["distributions"]}
    assert found["medic-console"]["licence"] == "Apache-2.0" and found["medic-console"]["expression"]
    assert found["numpy"]["version"] == metadata.version("numpy") and found["numpy"]["licence"]
    keys = [one.key for one in installed()]
    assert keys == sorted(set(keys))


def test_nothing_that_a_run_needs_is_under_the_gpl(say: Say) -> None:
    needed = {
        line.split()[0].rstrip(";<>=~!").lower()
        for line in metadata.requires("medic-console") or ()
        if "extra" not in line
    }
    marked = {one.key for one in installed() if one.copyleft}
    assert len(needed) > 5 and not marked.intersection(needed)
    code, said, _ = say("licences", "--plain")
    assert code == 0 and "textual" in said and "MIT" in said


def test_the_same_as_a_cyclonedx_document(say: Say) -> None:
    code, said, _ = say("licences", "--cyclonedx")
    bom = json.loads(said)
    assert code == 0
    assert not list(cyclonedx().iter_errors(bom))
    (tool,) = bom["metadata"]["tools"]["components"]
    assert tool == {"type": "application", "name": "medic-console", "version": __version__}
    assert {one.version for one in installed() if one.key == "textual"} == {
        one["version"] for one in bom["components"] if one["name"] == "textual"
    }
