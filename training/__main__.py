"""One command for each step: `python -m training prepare | train | export | evaluate`."""

from __future__ import annotations

import argparse
from pathlib import Path

from training.recipe import Recipe, read_recipe


def main() -> None:
    """Read the command line and run a step."""
    parser = argparse.ArgumentParser(prog="training", description=__doc__)
    parser.add_argument("--folder", type=Path, default=Path("training/build"), help="tokenizer, log, checkpoints")
    commands = parser.add_subparsers(dest="command", required=True)
    prepare = commands.add_parser("prepare", help="learn the tokenizer")
    prepare.add_argument("--like", type=Path, help="take the tokenizer of this GGUF file instead")
    train = commands.add_parser("train", help="train the network, or go on")
    train.add_argument("--resume", type=Path, help="checkpoint, or GGUF file with --stage, to continue from")
    train.add_argument("--stage", default="", help="stage to begin with after a GGUF file")
    train.add_argument("--workers", type=int, default=2, help="processes of one thread each")
    out = commands.add_parser("export", help="write a checkpoint as a GGUF file")
    out.add_argument("checkpoint", type=Path)
    out.add_argument("target", type=Path)
    out.add_argument("--name", required=True, help="what the file calls the model")
    measure = commands.add_parser("evaluate", help="measure GGUF files on what training held out")
    measure.add_argument("models", type=Path, nargs="+")
    measure.add_argument("--count", type=int, default=120, help="examples of each skill")
    arguments = parser.parse_args()
    recipe = read_recipe()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    if arguments.command == "prepare":
        _prepare(recipe, arguments.folder, arguments.like)
    elif arguments.command == "train":
        _train(recipe, arguments)
    elif arguments.command == "export":
        _export(recipe, arguments)
    else:
        _evaluate(recipe, arguments)


def _prepare(recipe: Recipe, folder: Path, like: Path | None) -> None:
    from training.corpus import texts
    from training.tokenizer import learn, of_file

    tokenizer = of_file(like) if like else learn(texts(recipe), recipe.shape.vocabulary)
    tokenizer.save(str(folder / "tokenizer.json"))


def _train(recipe: Recipe, arguments: argparse.Namespace) -> None:
    from torch.multiprocessing import spawn

    from training.trainer import work

    (arguments.folder / "meeting").unlink(missing_ok=True)
    options = (recipe, arguments.folder, arguments.workers, arguments.resume, arguments.stage)
    spawn(work, options, nprocs=arguments.workers)


def _export(recipe: Recipe, arguments: argparse.Namespace) -> None:
    from medic_console.engine.files.model_file import file_sha256
    from training.export import export, weights

    network = weights(arguments.checkpoint, recipe.shape)
    path = export(network, arguments.folder / "tokenizer.json", arguments.name, arguments.target)
    print(f"{path}: {path.stat().st_size / 1e6:.1f} MB, {file_sha256(path)}")


def _evaluate(recipe: Recipe, arguments: argparse.Namespace) -> None:
    from training.evaluate import evaluate, table

    for model in arguments.models:
        figures = evaluate(model, arguments.count, recipe.seed + 7, arguments.folder / "engine.log")
        print(f"\n{model.name}\n\n{table(figures)}")


if __name__ == "__main__":
    main()
