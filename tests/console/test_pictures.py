"""The README's pictures: made by a command, whole, and each of them shown."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

from docs.pictures import FOLDER, SCREENS, pictures
from tests.conftest import ROOT

TOLD = {
    "home": "Ranks by task",
    "run": "Items of",
    "cef": "coverage",
    "sql": "Gold",
    "compare": "Pareto",
}


async def test_every_picture_is_made_from_an_archive_and_fetches_nothing(archive: Path, tmp_path: Path) -> None:
    made = await pictures(archive, tmp_path / "out")
    assert [path.stem for path in made] == list(SCREENS)
    for path in made:
        text = path.read_text("utf-8")
        ElementTree.fromstring(text)
        assert set(re.findall(r"https?://[^\"')\s]*", text)) <= {
            "http://www.w3.org/2000/svg",
            "https://www.textualize.io",
        }
        assert TOLD[path.stem] in text.replace("&#160;", " ")


def test_the_readme_shows_every_picture() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    shown = re.findall(r"\(docs/pictures/(\w+)\.svg\)", readme)
    assert sorted(shown) == sorted(SCREENS)
    assert {path.stem for path in FOLDER.glob("*.svg")} == set(SCREENS)
