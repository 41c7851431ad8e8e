"""Kinship by GGUF metadata as converters of several years wrote it (keys and values found in public load logs)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from medic_console.engine.files.kinship import Kind, kinship
from medic_console.engine.files.model import ModelFile
from tests.conftest import fake_model


def model(name: str, architecture: str, **metadata: Any) -> ModelFile:
    """Return a model whose header has these keys, written with `__` for a point."""
    found = {f"general.{key.replace('__', '.')}": value for key, value in metadata.items()}
    file = fake_model(f"{name} {architecture} {sorted(found)}", architecture=architecture, metadata=found)
    return replace(file, name=name)


def based(name: str, architecture: str, base: str, url: str = "", **metadata: Any) -> ModelFile:
    """Return a model with one base."""
    keys = {"base_model__count": 1, "base_model__0__name": base, "base_model__0__repo_url": url, **metadata}
    return model(name, architecture, **{key: value for key, value in keys.items() if value != ""})


QWEN_OFFICIAL = model("qwen2.5-7b-instruct", "qwen2", version="v0.1", finetune="qwen2.5-7b-instruct", size_label="7.6B")
QWEN_CONVERTED = based(
    "Qwen2.5 7B Instruct",
    "qwen2",
    "Qwen2.5 7B",
    "https://huggingface.co/Qwen/Qwen2.5-7B",
    finetune="Instruct",
    basename="Qwen2.5",
    size_label="7B",
)
QWEN_SMALL = based(
    "Qwen2.5 3B Instruct", "qwen2", "Qwen2.5 3B", "https://huggingface.co/Qwen/Qwen2.5-3B", basename="Qwen2.5"
)
QWEN_NEXT = based(
    "Qwen3 1.7b", "qwen3", "Qwen3 1.7B Base", "https://huggingface.co/Qwen/Qwen3-1.7B-Base", basename="qwen3"
)
QWEN_TUNED = based(
    "Qwen2.5 7B Instruct Medical", "qwen2", "Qwen2.5 7B Instruct", "https://huggingface.co/Qwen/Qwen2.5-7B-Instruct"
)
DISTILLED = based(
    "DeepSeek R1 Distill Qwen 14B Uncensored",
    "qwen2",
    "DeepSeek R1 Distill Qwen 14B",
    "https://huggingface.co/deepseek-ai/DeepSeek-R1-Distill-Qwen-14B",
    finetune="Uncensored",
    basename="DeepSeek-R1-Distill-Qwen",
)
UNSLOTH = based(
    "Qwen3-1.7B",
    "qwen3",
    "Qwen3 1.7B",
    "https://huggingface.co/Qwen/Qwen3-1.7B",
    basename="Qwen3-1.7B",
    quantized_by="Unsloth",
    repo_url="https://huggingface.co/unsloth",
)
LLAMA = model("Meta Llama 3.1 8B Instruct", "llama", finetune="Instruct", basename="Meta-Llama-3.1", size_label="8B")
LLAMA_RENAMED = based(
    "Llama 3.1 8B Instruct",
    "llama",
    "Meta Llama 3.1 8B",
    "https://huggingface.co/meta-llama/Meta-Llama-3.1-8B",
    basename="Llama-3.1",
)
LLAMA_OLD = model("Meta-Llama-3-8B-Instruct", "llama")
HERMES = based("Hermes 3 Llama 3.1 8B", "llama", "Meta Llama 3.1 8B", basename="Hermes-3-Llama-3.1")
MISTRAL = model("mistralai_mistral-7b-instruct-v0.2", "llama")
BIO_MISTRAL = based("BioMistral 7B", "llama", "Mistral 7B Instruct v0.1", organization="BioMistral")
DEVSTRAL = based(
    "Devstral Small 2 24B Instruct 2512", "mistral3", "Mistral Small 3.1 24B Base 2503", basename="Devstral-Small-2"
)
UNNAMED = model("models", "llama")
UNNAMED_TOO = model("Models", "llama", size_label="128x10B")
FALCON = model("Models Tiiuae Falcon3 1B Instruct", "llama", basename="models-tiiuae-Falcon3", finetune="Instruct")


@pytest.mark.parametrize(
    ("judge", "candidate", "kind", "words"),
    [
        (QWEN_OFFICIAL, QWEN_OFFICIAL, Kind.FILE, "same file"),
        (QWEN_OFFICIAL, QWEN_CONVERTED, Kind.MODEL, "same model, converted apart (qwen2.5-7b-instruct)"),
        (LLAMA, LLAMA_RENAMED, Kind.MODEL, "same model, converted apart (Meta Llama 3.1 8B Instruct)"),
        (QWEN_CONVERTED, QWEN_TUNED, Kind.BASE, "same base model (Qwen2.5 7B Instruct)"),
        (QWEN_OFFICIAL, QWEN_TUNED, Kind.BASE, "same base model (qwen2.5-7b-instruct)"),
        (LLAMA, HERMES, Kind.BASE, "same base model (Llama 3.1 8B)"),
        (QWEN_NEXT, UNSLOTH, Kind.MODEL, "same model, converted apart (Qwen3 1.7b)"),
        (QWEN_CONVERTED, QWEN_SMALL, Kind.FAMILY, "same family (Qwen2.5 7B Instruct, Qwen2.5 3B Instruct)"),
        (
            QWEN_CONVERTED,
            DISTILLED,
            Kind.FAMILY,
            "same family (Qwen2.5 7B Instruct, DeepSeek R1 Distill Qwen 14B Uncensored)",
        ),
        (LLAMA_OLD, HERMES, Kind.FAMILY, "same family (Meta-Llama-3-8B-Instruct, Hermes 3 Llama 3.1 8B)"),
        (MISTRAL, BIO_MISTRAL, Kind.FAMILY, "same family (mistralai_mistral-7b-instruct-v0.2, BioMistral 7B)"),
        (
            MISTRAL,
            DEVSTRAL,
            Kind.FAMILY,
            "same family (mistralai_mistral-7b-instruct-v0.2, Devstral Small 2 24B Instruct 2512)",
        ),
    ],
)
def test_kin_are_found_with_the_closest_reason(judge: ModelFile, candidate: ModelFile, kind: Kind, words: str) -> None:
    found = kinship(judge, candidate)
    assert found is not None
    assert (found.kind, found.words) == (kind, words)
    back = kinship(candidate, judge)
    assert back is not None
    assert back.kind == kind


@pytest.mark.parametrize(
    ("judge", "candidate"),
    [
        (LLAMA, MISTRAL),
        (LLAMA, QWEN_CONVERTED),
        (UNNAMED, UNNAMED_TOO),
        (UNNAMED, LLAMA),
        (FALCON, UNNAMED),
        (FALCON, LLAMA),
        (QWEN_NEXT, DEVSTRAL),
    ],
)
def test_strangers_are_not_taken_for_kin(judge: ModelFile, candidate: ModelFile) -> None:
    assert kinship(judge, candidate) is None
    assert kinship(candidate, judge) is None


def test_a_merge_is_kin_to_each_of_its_models() -> None:
    keys = {
        "base_model__count": 2,
        "base_model__0__name": "Meta Llama 3.1 8B",
        "base_model__1__name": "Mistral 7B v0.1",
    }
    merged = model("Chimera 9B", "llama", **keys)
    assert [kinship(judge, merged) is not None for judge in (LLAMA, MISTRAL, QWEN_CONVERTED)] == [True, True, False]


def test_odd_metadata_is_no_reason_to_fail() -> None:
    odd = model("x", "", base_model__count="many", basename=7)
    endless = model("y", "llama", base_model__count=10**9)
    assert kinship(odd, endless) is None
