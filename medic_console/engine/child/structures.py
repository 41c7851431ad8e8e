"""llama.cpp's structures, filled in one place: ctypes takes a name that a structure does not have, and does nothing."""

from __future__ import annotations

from typing import Any

import llama_cpp

from medic_console.core.errors import EngineError


def filled(structure: Any, **values: Any) -> Any:
    """Return a structure of llama.cpp with these of its fields set; all that they point at lives as long as it does.

    Args:
        structure: A `ctypes.Structure`, as a function for default parameters returns it.
        values: Field by name, in what ctypes takes for it.

    Raises:
        EngineError: It has no field of such a name: the binding renames them from one release to another.
    """
    known = {field[0] for field in structure._fields_}
    unknown = sorted(values.keys() - known)
    if unknown:
        raise EngineError(
            f"llama-cpp-python {llama_cpp.__version__} has no {', '.join(unknown)} in {type(structure).__name__}.",
            "Install the release of llama-cpp-python that medic-console's pyproject.toml names.",
        )
    for name, value in values.items():
        setattr(structure, name, value)
    structure.held = getattr(structure, "held", {}) | values
    return structure
