"""Text stands out from its background in every bundled theme (WCAG 2.1, 1.4.3: 4.5 to 1; 1.4.6: 7 to 1)."""

from __future__ import annotations

import itertools
import math

import pytest
from rich.color import Color as RichColor
from textual.color import Color
from textual.pilot import Pilot

from medic_console.console.app import MedicConsole
from medic_console.console.base import ConsoleScreen
from medic_console.console.theming import load_themes
from medic_console.core.settings import THEME
from tests.conftest import ROOT
from tests.console.conftest import Open, press, settle

SCREENS = (
    "T",
    "escape S",
    "escape D",
    "escape J",
    "escape n",
    "escape 4 enter",
    "2 enter",
    "question_mark",
    "escape Y",
)
"""Keys that lead from each screen to the next."""
Faint = dict[tuple[str, str, str], float]
"""How much a text stands out, by where it was seen, theme and text."""
THEMES = load_themes(ROOT / "themes").themes
LEAST = {"medic-contrast": 7.0}
USUAL = 4.5
STATES = (("score-scored", "score-unscored", "score-failed"), ("label-yes", "label-no", "label-idk"))
CONES = {
    "protan": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deutan": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
}
"""What red and green look like without one kind of cone (Machado, Oliveira and Fernandes 2009, severity 1.0)."""
APART = 20.0
"""Least distance of two states in CIELAB; 2.3 is just noticeable."""


async def test_every_text_of_the_screens_can_be_read_in_every_theme(open_app: Open) -> None:
    app = open_app()
    found: Faint = {}
    async with app.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        for keys in SCREENS:
            await press(pilot, *keys.split())
            found |= await faint_in_themes(pilot, keys)
    assert found == {}


async def faint_in_themes(pilot: Pilot[None], where: str) -> Faint:
    """Show the screen in each theme, one after the other; return each text that stands out too little."""
    app = pilot.app
    assert isinstance(app, MedicConsole)
    found: Faint = {}
    for name in THEMES:
        app.theme = name
        await settle(pilot)
        found |= {(where, name, text): ratio for text, ratio in _faint(app, LEAST.get(name, USUAL)).items()}
    return found


def _faint(app: MedicConsole, least: float) -> dict[str, float]:
    """Return each text of the screen that stands out too little, with how much it does."""
    found = {}
    screen = app.screen
    seen = screen.region if isinstance(screen, ConsoleScreen) else screen.children[0].region  # the rest is dimmed
    for strip in screen._compositor.render_strips()[seen.y : seen.bottom]:
        for segment in strip.crop(seen.x, seen.right):
            style = segment.style
            if style is None or style.color is None or style.bgcolor is None or not _is_text(segment.text):
                continue
            ratio = _ratio(_of(style.color), _of(style.bgcolor))
            if ratio < least:
                found[segment.text.strip()] = round(ratio, 2)
    return found


def _is_text(text: str) -> bool:
    return any(sign.isalnum() for sign in text)


@pytest.mark.parametrize("name", THEMES)
def test_every_state_can_be_read_on_every_ground(name: str) -> None:
    theme = THEMES[name]
    grounds = [theme.background, theme.surface, theme.panel]
    texts = {
        key: value for key, value in theme.variables.items() if key.startswith(("score-", "label-", "run-", "null-"))
    }
    texts |= {"foreground": str(theme.foreground), "muted": theme.variables["muted"], "accent": str(theme.accent)}
    texts |= {"primary": theme.primary, "diff-row": theme.variables["diff-row"]}
    for (key, text), ground in itertools.product(texts.items(), grounds):
        assert _ratio(Color.parse(text), Color.parse(str(ground))) >= LEAST.get(name, USUAL), (key, text, ground)


def test_the_colour_blind_theme_keeps_states_apart_without_red_or_green_cones() -> None:
    variables = THEMES["medic-colour-blind"].variables
    for names, cones in itertools.product(STATES, (None, *CONES)):
        seen = {name: _lab(Color.parse(variables[name]), cones) for name in names}
        for first, second in itertools.combinations(names, 2):
            assert _distance(seen[first], seen[second]) > APART, (first, second, cones)


def test_there_is_a_dark_a_light_a_high_contrast_and_a_colour_blind_safe_theme() -> None:
    assert {"medic-dark", "medic-light", "medic-contrast", "medic-colour-blind"} == set(THEMES)
    assert THEME in THEMES


def _of(colour: RichColor) -> Color:
    return Color.from_rich_color(colour)


def _ratio(text: Color, ground: Color) -> float:
    """Return the contrast ratio of WCAG 2.1."""
    light, dark = sorted((_luminance(text), _luminance(ground)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: Color) -> float:
    red, green, blue = _linear(colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(colour: Color) -> tuple[float, float, float]:
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour.normalized
    )
    return red, green, blue


def _lab(colour: Color, cones: str | None) -> tuple[float, float, float]:
    """Return CIELAB (D65) of a colour as it is seen."""
    linear = _linear(colour)
    if cones:
        red, green, blue = (max(0.0, sum(w * p for w, p in zip(row, linear, strict=True))) for row in CONES[cones])
        linear = (red, green, blue)
    to_xyz = ((0.4124, 0.3576, 0.1805), (0.2126, 0.7152, 0.0722), (0.0193, 0.1192, 0.9505))
    white = (0.95047, 1.0, 1.08883)
    x, y, z = (
        sum(w * part for w, part in zip(row, linear, strict=True)) / one for row, one in zip(to_xyz, white, strict=True)
    )
    fx, fy, fz = (part ** (1 / 3) if part > 0.008856 else 7.787 * part + 16 / 116 for part in (x, y, z))
    return 116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)


def _distance(first: tuple[float, float, float], second: tuple[float, float, float]) -> float:
    return math.dist(first, second)
