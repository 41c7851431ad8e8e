"""Examples as trees: what is read once, and what each branch learns."""

from __future__ import annotations

from training.shipped import Example
from training.trees import Tree, grow


def encode(example: Example) -> tuple[list[int], list[int], int]:
    """Stand for a tokenizer: the letters of a prompt and of an answer, with an end."""
    return list(example.skill.encode()), [*example.answer.encode(), 0], 3


def example(prompt: str, answer: str, choice: bool = False) -> Example:
    """Return an example whose prompt is its skill's name."""
    return Example(prompt, (), answer, choice)


def whole(trees: list[Tree]) -> set[bytes]:
    """Return the sequences that the branches of trees spell with their trunks."""
    return {bytes([*tree.trunk, *branch.tokens]) for tree in trees for branch in tree.branches}


def test_prompts_that_begin_alike_share_a_trunk_and_keep_their_own_rest() -> None:
    group = [example("The text is long. Is it A?", "no"), example("The text is long. Is it B?", "yes", choice=True)]
    (tree,) = grow(group, encode, 100, 5.0)
    assert bytes(tree.trunk) == b"The text is long. Is it "
    assert [(bytes(b.tokens), b.asked, b.weight, b.early) for b in tree.branches] == [
        (b"A?no\x00", 2, 1.0, 0),
        (b"B?yes\x00", 2, 5.0, 1),
    ]
    assert len(tree) == len(tree.trunk) + 5 + 6


def test_prompts_with_little_in_common_grow_apart() -> None:
    group = [example("Write a note.", "ok"), example("Where is it, and why?", "here"), example("Write an ode.", "no")]
    trees = grow(group, encode, 100, 1.0)
    assert [len(tree.branches) for tree in trees] == [1, 1, 1]
    assert whole(trees) == {b"Write a note.ok\x00", b"Where is it, and why?here\x00", b"Write an ode.no\x00"}


def test_a_tree_that_would_be_too_long_becomes_several_and_a_long_example_is_left_out() -> None:
    same = [example(f"The beginning of all prompts {n}", "a" * 10) for n in range(5)]
    trees = grow([*same, example("x" * 90, "y" * 20)], encode, 60, 1.0)
    assert len(trees) == 3 and max(map(len, trees)) <= 60
    assert len(whole(trees)) == 5


def test_equal_prompts_still_learn_their_answers_first_token() -> None:
    group = [example("The same prompt twice", "one"), example("The same prompt twice", "two")]
    (tree,) = grow(group, encode, 100, 1.0)
    assert [branch.asked for branch in tree.branches] == [1, 1]
