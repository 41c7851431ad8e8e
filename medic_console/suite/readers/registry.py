"""The readers by the name that a task file gives them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from medic_console.suite.readers import aci_bench, ehrsql, medcalc, medec, medqa, samples
from medic_console.suite.readers.base import Reader

READERS: Mapping[str, Reader] = MappingProxyType(
    {
        "aci_bench": aci_bench,
        "ehrsql": ehrsql,
        "medcalc": medcalc,
        "medec": medec,
        "medqa": medqa,
        "samples": samples,
    }
)
