"""The readers by the name that a task file gives them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from medic_console.suite.readers import (
    aci_bench,
    clinical_trials,
    dischargeme,
    ehrsql,
    gsm8k,
    healthbench,
    ifeval,
    med_safety,
    medcalc,
    medec,
    medmcqa,
    medqa,
    mmlu_pro,
    problem_list,
    pubmedqa,
    question_list,
    samples,
    soap_note,
    toxigen,
)
from medic_console.suite.readers.aime import AIME24, AIME25
from medic_console.suite.readers.base import Reader

READERS: Mapping[str, Reader] = MappingProxyType(
    {
        "aci_bench": aci_bench,
        "aime24": AIME24,
        "aime25": AIME25,
        "clinical_trials": clinical_trials,
        "dischargeme": dischargeme,
        "ehrsql": ehrsql,
        "expert_qa": question_list.EXPERT_QA,
        "gsm8k": gsm8k,
        "healthbench": healthbench.WHOLE,
        "healthbench_hard": healthbench.HARD,
        "healthsearch_qa": question_list.HEALTHSEARCH_QA,
        "ifeval": ifeval,
        "med_safety": med_safety,
        "medcalc": medcalc,
        "medec": medec,
        "medication_qa": question_list.MEDICATION_QA,
        "medmcqa": medmcqa,
        "medqa": medqa,
        "mmlu_pro": mmlu_pro,
        "problem_list": problem_list,
        "pubmedqa": pubmedqa,
        "samples": samples,
        "soap_note": soap_note,
        "toxigen": toxigen,
    }
)
