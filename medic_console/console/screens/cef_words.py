"""What a cross-examination means in words that need no manual."""

from __future__ import annotations

from textual.content import Content

from medic_console.archive.views import ItemTrace, ModelView
from medic_console.console.figures import TOLD, probability
from medic_console.console.screens.cef_questions import SOURCE, Asked, Given
from medic_console.console.text import plain
from medic_console.naming import called
from medic_console.records import Label

_MEANING = {
    (SOURCE, Label.NO): "The source says yes; the {noun} says the opposite.",
    (SOURCE, Label.IDK): "The source says yes; the {noun} does not say this.",
    (SOURCE, Label.YES): "The source says yes, and so does the {noun}.",
    ("generated", Label.NO): "The {noun} says yes; the source says the opposite.",
    ("generated", Label.IDK): "The {noun} says yes; the source does not say this. It may be made up.",
    ("generated", Label.YES): "The {noun} says yes, and so does the source.",
}
_UNREADABLE = "The judge's answer could not be read. It counts in no score."


def noun(trace: ItemTrace) -> str:
    """Return what the generated text is called."""
    return trace.task.cef.overall if trace.task.cef else "output"


def meaning(asked: Asked, noun: str) -> str:
    """Return what an answer says of the generated text."""
    label, objection = asked.answer.label, asked.answer.objection
    if label is not None:
        return _MEANING[asked.side, label].format(noun=noun)
    # A reference protocol leaves a question out whose gold answer cannot be read, whatever the answer is.
    return f"{objection[0].upper()}{objection[1:]}: it counts in no score." if objection else _UNREADABLE


def explained(
    asked: Asked, noun: str, others: list[tuple[ModelView, Given]], narrow: bool = False, judge: str = ""
) -> Content:
    """Return the marked question whole, what its answer means, and how it is answered elsewhere.

    Args:
        asked: The question.
        noun: What the generated text is called.
        others: Other candidates with what their texts answer; of a panel, other judges with what they say.
        narrow: Say less.
        judge: Name of the judge whose answer is shown, of a panel; else empty.
    """
    state = asked.state or asked.answer.state
    sure = _sure(asked.answer, judge or "judge", narrow)
    lines = [
        Content.styled(plain(asked.question), "bold"),
        Content.assemble(
            (state.text, f"bold ${state.variable}"),
            f"  {meaning(asked, noun)}",
            (f"  {sure}" if sure else "", "$muted"),
        ),
    ]
    if others:
        said = [Content.assemble(f"{called(model)} ", answer(given)) for model, given in others]
        whose = f"same question, other {'judges' if judge else 'models'}:  "
        lines.append(Content.assemble((whose, "$muted"), Content("  ").join(said)))
    return Content("\n").join(lines)


def _sure(given: Given, judge: str, narrow: bool) -> str:
    """Return how sure the judge is: of an answer that is not the only likeliest, all probabilities."""
    if given.objection or given.tied:
        return f"{judge}: {given.mass}"
    if given.probability is None:
        return ""
    beside = given.outside if given.outside is not None and given.outside >= TOLD else None
    told = "" if beside is None else f", outside {probability(beside)}"
    return f"{judge} {given.probability:.0%}{'' if narrow else ' sure'}{told}"


def answer(given: Given) -> Content:
    """Return an answer as glyph, word and colour, with the judge's probability, or the mass outside that voids it."""
    if given.objection and given.outside is not None:
        sure = f" outside {probability(given.outside)}"
    else:
        sure = "" if given.probability is None else f" {probability(given.probability)}"
    return Content.assemble((given.state.text, f"${given.state.variable}"), (sure, "$muted"))
