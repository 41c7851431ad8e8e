"""The network, its export and llama.cpp: the same tokens, the same text, the same bytes."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="the extra `train` is not installed")
pytest.importorskip("tokenizers", reason="the extra `train` is not installed")

import llama_cpp  # noqa: E402

from medic_console.core.records import Message, Prompt  # noqa: E402
from medic_console.engine.files.model_file import inspect_model  # noqa: E402
from medic_console.engine.parent.process import ProcessEngine  # noqa: E402
from medic_console.engine.protocol.port import EngineSettings, Finished  # noqa: E402
from training.batches import batch  # noqa: E402
from training.corpus import texts  # noqa: E402
from training.export import DESCRIPTION, export, weights  # noqa: E402
from training.mixture import SKILLS, rows, write  # noqa: E402
from training.network import Network, causal, greedy  # noqa: E402
from training.optimizer import orthogonal  # noqa: E402
from training.recipe import Recipe, read_recipe  # noqa: E402
from training.restore import restore  # noqa: E402
from training.shipped import Example  # noqa: E402
from training.start import deepen, start  # noqa: E402
from training.tokenizer import Encoder, chat, learn, of_file, read  # noqa: E402
from training.trainer import Trainer, token_losses  # noqa: E402
from training.trees import grow  # noqa: E402
from training.world import World  # noqa: E402

STRANGE = (
    "Temperature 38.6 °C; naïve café, 5 µg",
    "  two  spaces\n\n\nlines\t",
    "don't I'LL we've",
    "日本語 😀 test",
    '{"a": [1, 22, 333]}  ',
)


@pytest.fixture(scope="module")
def recipe() -> Recipe:
    """The recipe with a network, and stages, of seconds."""
    full = read_recipe()
    shape = replace(full.shape, vocabulary=1024, width=128, layers=2, heads=2, hidden=256)
    stages = tuple(replace(stage, tokens=2048 * 3, layers=2) for stage in full.stages[:1])
    return replace(full, shape=shape, samples=60, step=2048, stages=stages)


@pytest.fixture(scope="module")
def folder(recipe: Recipe, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a tokenizer and the checkpoint of a short training."""
    folder = tmp_path_factory.mktemp("build")
    learn(texts(recipe), recipe.shape.vocabulary).save(str(folder / "tokenizer.json"))
    torch.set_num_threads(1)
    Trainer(recipe, folder).run()
    return folder


@pytest.fixture(scope="module")
def model(recipe: Recipe, folder: Path) -> Path:
    """The exported file."""
    network = weights(folder / "stage-1.pt", recipe.shape)
    return export(network, folder / "tokenizer.json", "demo-test", folder / "one.gguf")


def prompts(count: int) -> list[tuple[Message, ...]]:
    """Return the turns of invented prompts, every skill in turn."""
    world = World(random.Random(2), facts=(2, 5))
    names = list(SKILLS)
    return [write(world, names[number % len(names)])[0].messages for number in range(count)]


def test_a_tree_gives_the_losses_of_its_examples_read_one_by_one(recipe: Recipe, folder: Path) -> None:
    encode = Encoder(read(folder / "tokenizer.json"))
    network = weights(folder / "stage-1.pt", recipe.shape)
    group = write(World(random.Random(1)), "cross")
    together = batch(rows(grow(group, encode, 1024, 1.0)), {})
    assert {round(weight, 3) for weight in together.weights.tolist()} == {0.0, 0.3, 1.0}
    with torch.no_grad():
        logits = network(together.tokens, together.positions, together.mask, together.wanted)
        losses = torch.nn.functional.cross_entropy(logits, together.targets, reduction="none")
        assert len(losses) % 64 == 0
        alone = []
        for example in group:
            prompt, answer, _ = encode(example)
            whole = torch.tensor([[*prompt, *answer]])
            length = whole.shape[1]
            found = network(whole, torch.arange(length)[None], causal(length))[0, len(prompt) - 1 : -1]
            alone.append(torch.nn.functional.cross_entropy(found, torch.tensor(answer), reduction="none"))
    torch.testing.assert_close(losses[together.weights == 1], torch.cat(alone), rtol=1e-4, atol=1e-4)


def test_training_lowers_the_loss_and_goes_on_from_a_checkpoint(recipe: Recipe, folder: Path) -> None:
    encode = Encoder(read(folder / "tokenizer.json"))
    group = [example for n in range(6) for example in write(World(random.Random(n)), "cross")]
    made = batch(rows(grow(group, encode, 1024, 1.0)), {})
    fresh = Network(recipe.shape)
    start(fresh, recipe.seed)
    with torch.no_grad():
        before = token_losses(fresh, made).mean()
        after = token_losses(weights(folder / "stage-1.pt", recipe.shape), made).mean()
    assert after < before
    again = Trainer(recipe, folder)
    again.load(folder / "stage-1.pt")
    assert (again.stage, again.done, again.steps) == (1, 0, 3)


def test_a_fresh_network_copies_what_followed_an_earlier_token(recipe: Recipe) -> None:
    network = Network(read_recipe().shape)
    start(network, recipe.seed)
    torch.manual_seed(1)
    once = torch.randint(10, 4000, (80,))
    twice = torch.cat((once, once))
    with torch.no_grad():
        logits = network(twice[None], torch.arange(160)[None], causal(160))[0]
    right = logits[100:150].argmax(-1) == twice[101:151]
    assert float(right.float().mean()) > 0.6


def test_an_orthogonal_update_has_singular_values_near_one() -> None:
    torch.manual_seed(0)
    values = torch.linalg.svdvals(orthogonal(torch.randn(2, 64, 160)))
    assert float(values.min()) > 0.5 and float(values.max()) < 1.4


def test_llama_cpp_and_the_training_split_200_texts_into_the_same_tokens(folder: Path, model: Path) -> None:
    encode = Encoder(read(folder / "tokenizer.json"))
    asked = [chat(turns) for turns in (*prompts(195), *((Message("user", text),) for text in STRANGE))]
    loaded = llama_cpp.Llama(str(model), vocab_only=True, verbose=False)
    try:
        for text in asked:
            assert loaded.tokenize(text.encode(), add_bos=False, special=True) == encode.tokens(text)
    finally:
        loaded.close()


def test_llama_cpp_continues_20_prompts_as_the_training_code_does(recipe: Recipe, folder: Path, model: Path) -> None:
    encode = Encoder(read(folder / "tokenizer.json"))
    network = rounded(weights(folder / "stage-1.pt", recipe.shape))
    asked = prompts(20)
    settings = EngineSettings(model, inspect_model(model).template, context=1024, parallel=1, threads=1, packed=False)
    engine = ProcessEngine(settings, folder / "engine.log")
    try:
        engine.submit(Prompt(str(n), turns, max_tokens=16) for n, turns in enumerate(asked))
        texts = {event.prompt_id: event.output.text for event in engine.events() if isinstance(event, Finished)}
    finally:
        engine.close()
    mine = [encode.tokenizer.decode(greedy(network, encode.tokens(chat(t)), 16, encode.end)) for t in asked]
    same = sum(texts[str(n)] == text for n, text in enumerate(mine))
    assert same >= 19, [(texts[str(n)], text) for n, text in enumerate(mine)]


def rounded(network: Network) -> Network:
    """Return the network with its matrices as the file holds them."""
    from gguf import GGMLQuantizationType
    from gguf.quants import dequantize, quantize

    kind = GGMLQuantizationType.Q8_0
    with torch.no_grad():
        for matrix in network.parameters():
            if matrix.ndim == 2:
                matrix.copy_(torch.from_numpy(dequantize(quantize(matrix.numpy(), kind), kind)))
    return network


def test_a_file_gives_back_the_network_and_the_tokenizer_that_it_was_made_of(
    recipe: Recipe, folder: Path, model: Path
) -> None:
    tokenizer = of_file(model)
    before, after = Encoder(read(folder / "tokenizer.json")), Encoder(tokenizer)
    for text in (*STRANGE, *(chat(turns) for turns in prompts(20))):
        assert after.tokens(text) == before.tokens(text)
    expected = rounded(weights(folder / "stage-1.pt", recipe.shape)).state_dict()
    found = restore(model, recipe.shape, tokenizer).state_dict()
    assert found.keys() == expected.keys()
    for name, tensor in expected.items():
        torch.testing.assert_close(found[name], tensor, rtol=0, atol=0)
    with pytest.raises(ValueError, match="other tokens"):
        restore(model, recipe.shape, learn(texts(replace(recipe, samples=40)), 1024))


def test_a_training_goes_on_from_a_file_with_the_stage_that_is_named(
    recipe: Recipe, folder: Path, model: Path, tmp_path: Path
) -> None:
    (tmp_path / "tokenizer.json").write_bytes((folder / "tokenizer.json").read_bytes())
    more = replace(recipe.stages[0], name="more", tokens=2048, layers=3)
    longer = replace(recipe, stages=(*recipe.stages, more))
    trainer = Trainer(longer, tmp_path)
    with pytest.raises(ValueError, match="no stage 'other'"):
        trainer.load_file(model, "other")
    trainer.load_file(model, "more")
    trainer.run()
    assert not (tmp_path / "stage-1.pt").exists()
    assert weights(tmp_path / "stage-2.pt", recipe.shape).shape.layers == 3
    again = Trainer(longer, tmp_path)
    again.load(tmp_path / "stage-2.pt")
    assert len(again.network.blocks) == 3


def test_new_layers_hardly_change_what_the_network_says(recipe: Recipe, folder: Path) -> None:
    network = weights(folder / "stage-1.pt", recipe.shape)
    tokens = torch.arange(10, 90)[None]
    with torch.no_grad():
        before = network(tokens, torch.arange(80)[None], causal(80)).softmax(-1)
        deepen(network, 3, seed=1)
        after = network(tokens, torch.arange(80)[None], causal(80)).softmax(-1)
    assert len(network.blocks) == network.shape.layers == 3
    assert float((before - after).abs().sum(-1).mean()) / 2 < 0.1


def test_an_open_turn_goes_on_with_its_answer(folder: Path) -> None:
    encode = Encoder(read(folder / "tokenizer.json"))
    turns = (Message("user", "Question: what?\n"),)
    prompt, answer, _ = encode(Example("open", turns, "This", open=True))
    closed, _, _ = encode(Example("open", turns, "This"))
    assert closed[: len(prompt)] == prompt
    assert encode.tokenizer.decode(prompt).endswith("what?\n")
    assert answer[-1] == encode.end


def test_the_same_checkpoint_gives_the_same_file(recipe: Recipe, folder: Path, model: Path) -> None:
    network = weights(folder / "stage-1.pt", recipe.shape)
    other = export(network, folder / "tokenizer.json", "demo-test", folder / "two.gguf")
    assert other.read_bytes() == model.read_bytes()


def test_the_file_says_what_it_is(recipe: Recipe, model: Path) -> None:
    known = inspect_model(model)
    assert (known.name, known.architecture, known.quantisation) == ("demo-test", "qwen2", "Q8_0")
    assert known.metadata["general.description"] == DESCRIPTION
    assert known.metadata["general.license"] == "Apache-2.0"
    assert known.metadata["general.author"] == "medic-console contributors"
    assert known.vocabulary == recipe.shape.vocabulary
