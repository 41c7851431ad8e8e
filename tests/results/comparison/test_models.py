from __future__ import annotations

from typing import Any

import pytest

from medic_console.archive.views import ModelView
from medic_console.core.errors import UsageError
from medic_console.results.comparison.models import drift_order, is_drift, letters, models_named


def model(name: str, quantisation: str = "Q8_0", sha: str = "", size: int = 8, **metadata: Any) -> ModelView:
    said = {f"general.{key.replace('__', '.')}": value for key, value in metadata.items()}
    return ModelView(f"sha256:{sha or name.encode().hex()}", name, size, "llama", quantisation, 8_000, 4096, said)


KNOWN = (model("clinic-8b"), model("clinic-8b", "Q4_K_M", "abcd0001"), model("Ward 3B", sha="abcd0002"))


@pytest.mark.parametrize(
    "name", ["ward 3b", "WARD 3B", "abcd0002", "sha256:abcd0002", "ABCD0002", "Ward 3B Q8_0", " ward 3b "]
)
def test_a_model_is_named_by_its_name_its_quantisation_or_its_digest(name: str) -> None:
    assert models_named([name, "clinic-8b Q4_K_M"], KNOWN) == (KNOWN[2], KNOWN[1])


@pytest.mark.parametrize(
    ("names", "message", "hint"),
    [
        (["clinic-8b", "ward 3b"], "fits 2 models", "abcd0001"),
        (["abcd", "ward 3b"], "fits 2 models", "abcd0002 (Ward 3B Q8_0)"),
        (["wart 3b", "clinic-8b Q8_0"], "no model", "Did you mean Ward 3B?"),
        (["zzzz", "ward 3b"], "no model", "clinic-8b abcd0001, Ward 3B"),
        (["ward 3b", "abcd0002"], "named before", "once"),
        (["ward 3b"], "1 model cannot", "2 to 6"),
    ],
)
def test_a_name_that_does_not_say_which_is_refused(names: list[str], message: str, hint: str) -> None:
    with pytest.raises(UsageError, match=message) as caught:
        models_named(names, KNOWN)
    assert hint in caught.value.hint


@pytest.mark.parametrize(
    ("first", "second", "drift"),
    [
        (model("Clinic 8B Q8_0"), model("clinic-8b.Q4_K_M", "Q4_K_M"), True),
        (model("Clinic-8B-BF16", "BF16"), model("clinic-8b-IQ4_XS", "IQ4_XS"), True),
        (model("Clinic 8B"), model("Clinic 8B"), False),
        (model("Clinic 8B"), model("Ward 8B", "Q4_K_M"), False),
        (model("x", basename="Clinic", size_label="8B"), model("y", "Q4_0", basename="clinic", size_label="8B"), True),
        (
            model("x", basename="Clinic", size_label="8B"),
            model("x", "Q4_0", basename="Clinic", size_label="14B"),
            False,
        ),
        (model("x", basename="Clinic", finetune="Instruct"), model("x", "Q4_0", basename="Clinic"), False),
        (model("a", base_model__0__name="Base"), model("b", "Q4_0", base_model__0__name="Base"), True),
        (model("a", base_model__0__repo_url="u/1"), model("a", "Q4_0", base_model__0__repo_url="u/2"), False),
    ],
)
def test_drift_is_told_from_what_the_files_say(first: ModelView, second: ModelView, drift: bool) -> None:
    assert is_drift([first, second]) is drift


def test_the_largest_file_is_the_reference() -> None:
    small, large = model("a", "Q4_0", size=4), model("a", "Q8_0", size=9)
    assert drift_order([small, large]) == (large, small)
    assert letters([large, small]) == {large.sha256: "A", small.sha256: "B"}
