"""Documents and their published schemas: one a kind, each a schema itself; which writer uses which kind."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

import medic_console
from medic_console.core.documents import KINDS, PREFIX, head_of, schema_of
from tests.conftest import Say, document, refused

PACKAGE = Path(medic_console.__file__).parent


def test_every_kind_has_its_schema_and_no_schema_is_without_a_kind() -> None:
    there = {path.name.removesuffix(".schema.json") for path in (PACKAGE / "schemas").iterdir()}
    assert there == KINDS.keys()


@pytest.mark.parametrize("kind", KINDS)
def test_a_schema_is_one_and_names_its_kind_and_version(kind: str) -> None:
    found = schema_of(kind)
    Draft202012Validator.check_schema(found)
    assert found["$id"] == f"{PREFIX}{kind}"
    if kind != "trace":  # a part of other documents
        said = {name: found["properties"][name]["const"] for name in ("schema", "schema_version")}
        assert said == head_of(kind) and {"schema", "schema_version"} <= set(found["required"])


def names_of(schema: Any) -> Iterator[str]:
    for one in schema if isinstance(schema, list) else schema.values() if isinstance(schema, dict) else ():
        yield from names_of(one)
    if isinstance(schema, dict) and isinstance(schema.get("properties"), dict):
        yield from schema["properties"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_schema_names_what_a_document_has_and_no_data_of_one(kind: str) -> None:
    strange = [name for name in names_of(schema_of(kind)) if not re.fullmatch(r"[a-z][a-z0-9_]*", name)]
    assert strange == [], "a run, a file or a digest is no property of every document"


def test_every_kind_is_written_and_nothing_else() -> None:
    text = "".join(path.read_text("utf-8") for path in PACKAGE.rglob("*.py"))
    written = set(re.findall(r'(?:write_json|head_of)\(\s*"([a-z-]+)"', text))
    assert written == KINDS.keys() - {"trace"}


def test_spec_names_them_and_schema_prints_one(say: Say) -> None:
    named = [one["schema"] for one in document(say("--spec"))["documents"]]
    assert named == [f"{PREFIX}{kind}" for kind in KINDS]
    code, out, _ = say("--schema", named[0])
    assert code == 0 and named[0] in out
    refused(say("--schema", "result"), "There is no document", "results")
