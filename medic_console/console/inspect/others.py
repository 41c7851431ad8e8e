"""What the other models answered to the item in front, where the screen has room for a third column."""

from __future__ import annotations

from textual.content import Content

from medic_console.archive.views import ItemTrace, ModelView
from medic_console.console.inspect.item.parts import state_of
from medic_console.console.inspect.position import Position
from medic_console.console.text import one_line, plain
from medic_console.console.widgets.text_pane import TextPane
from medic_console.core.naming import called
from medic_console.results.answer_words import answer_in_words
from medic_console.results.reader import Reader

OTHERS = "others"
"""Id of the pane."""
_SHORT = 80
"""Characters up to which an answer that was read from a text stands beside its verdict."""


class OthersPane(TextPane):
    """A block for each other model."""

    def __init__(self) -> None:
        super().__init__(OTHERS)
        self.border_title = "Other models"
        self.display = False


def read_others(reader: Reader, place: Position) -> Content:
    """Return each other candidate's verdict and text, in the order in which `>` goes through them."""
    blocks = []
    for one in place.others:
        trace = reader.trace(one.run, one.task.id, one.item, one.candidate.sha256, one.judge)
        blocks.append(_block(one.candidate, trace))
    return Content("\n\n").join(blocks)


def _block(model: ModelView, trace: ItemTrace) -> Content:
    name = Content.styled(f"{called(model)} {model.quantisation}", "bold $primary")
    if trace.score is None:
        return Content.assemble(name, ("\n· not scored yet", "$score-waiting"))
    state = state_of(trace.score)
    text = plain(trace.answer.text) if trace.answer is not None else ""
    read = one_line(answer_in_words(trace.task.scorer, trace.score.answer))
    answer = f"  {read}" if len(read) < _SHORT and read != one_line(text) else ""
    written = Content(text) if text.strip() else Content.styled("nothing was written", "$muted")
    return Content.assemble(name, "\n", (state.text, f"${state.variable}"), answer, "\n\n", written)
