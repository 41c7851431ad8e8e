"""The conversation: a page is told in lines, a person answers with a number, a name or a letter.

Nothing moves the cursor and nothing is drawn; each answer is a line of input, so that a pipe can give it too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from medic_console.core.errors import MedicError
from medic_console.core.near import nearest
from medic_console.core.visible import one_line, plain

SHOWN = 20
"""Choices that are told at once; `m` tells more."""
_LONGEST = 400
"""Characters of a choice."""
ALWAYS = {
    "b": "back to the page before",
    "m": "more of the list",
    "?": "these keys",
    "q": "quit",
    "empty line": "the page again",
}


class InputEndedError(Exception):
    """There is nothing more to read."""


class Stop(Exception):
    """The conversation ends."""


class Key(NamedTuple):
    """What a letter does; words behind it are handed over."""

    help: str
    act: Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Choice:
    """One line of a numbered list.

    Attributes:
        name: It may be chosen by this, or by the beginning of it.
        label: What is told of it, the name included.
    """

    name: str
    label: str
    act: Callable[[], None]


class Page:
    """One place of the console: its title, what it tells, what may be chosen, what letters do."""

    title = ""
    nothing = "Nothing is listed here."

    def facts(self) -> Iterator[str]:
        """Yield what is told, a line each."""
        yield from ()

    def choices(self) -> Sequence[Choice]:
        """Return what may be chosen."""
        return ()

    def keys(self) -> Mapping[str, Key]:
        """Return what letters do here."""
        return {}


class Talk:
    """Tells pages and takes answers.

    Args:
        read: Returns the next line without its end; None when there is none.
        write: Writes a text as it is.
    """

    def __init__(self, read: Callable[[], str | None], write: Callable[[str], None]) -> None:
        self._read, self._write = read, write
        self._pages: list[Page] = []
        self._choices: Sequence[Choice] = ()
        self._told = 0
        self.news: Callable[[], Iterator[str]] = lambda: iter(())
        """What is told before a line is read, wherever one is."""
        self.leave: Callable[[], None] = self.stop
        """What `q` does."""
        self.secret: Callable[[str], str] = self.line
        """Asks for what nobody else should see."""

    def converse(self, first: Page) -> None:
        """Go from page to page until a person quits, or there is nothing more to read.

        Raises:
            InputEndedError: There is no line more.
        """
        self._pages.clear()
        self.open(first)
        while True:
            try:
                self._answer(self.line(f"{self._pages[-1].title}> ").strip())
            except MedicError as error:
                self.tell_error(error)
            except Stop:
                return

    def stop(self) -> None:
        """End the conversation."""
        raise Stop

    def open(self, page: Page) -> None:
        """Go on to a page; the one before is where `b` leads."""
        self._pages.append(page)
        self._tell()

    def replace(self, page: Page) -> None:
        """Put a page in place of the present one."""
        self._pages.pop()
        self.open(page)

    def again(self) -> None:
        """Tell the present page again."""
        self._tell()

    def tell_error(self, error: MedicError) -> None:
        """Say what did not go, and what to do."""
        self.say(f"{error.title}: {error.message}")
        if error.hint:
            self.say(f"  {error.hint}")

    def say(self, text: str) -> None:
        """Write a text as lines of its own, whatever it holds made visible."""
        self._write(f"{plain(text)}\n")

    def line(self, prompt: str) -> str:
        """Return what a person answers.

        Raises:
            InputEndedError: There is no line more.
        """
        for news in self.news():
            self.say(news)
        self._write(prompt)
        line = self._read()
        if line is None:
            self._write("\n")
            raise InputEndedError
        return line

    def ask(self, question: str) -> str:
        """Ask for a text; empty when none is given."""
        return self.line(f"{question}: ").strip()

    def agrees(self, question: str) -> bool:
        """Ask for yes or no; anything but yes is no."""
        return self.ask(f"{question} y or n").casefold() in ("y", "yes")

    def pick(self, question: str, names: Sequence[str], labels: Sequence[str]) -> list[int]:
        """Tell a numbered list and return the places of what is chosen by numbers or names, in the order named.

        What is none of them is told, and nothing is chosen then.
        """
        for number, label in enumerate(labels, 1):
            self.say(f"{number}. {one_line(label, _LONGEST)}")
        places: list[int] = []
        for word in (
            self.ask(f"{question}; numbers or names, a blank between, empty for none").replace(",", " ").split()
        ):
            place = _place(word, names)
            if place is None:
                self._unknown(word, names)
                return []
            places.append(place)
        return list(dict.fromkeys(places))

    def _tell(self, whole: bool = True) -> None:
        """Tell the present page; one that was told before only by its title, as a voice would read all of it again."""
        page = self._pages[-1]
        self._write("\n")
        self.say(f"{page.title}.")
        if not whole:
            self._choices, self._told = page.choices(), 0
            self.say(f"{len(self._choices)} in the list. An empty line tells the page again.")
            return
        self._choices, self._told = (), 0
        keys: Mapping[str, Key] = {}
        try:
            for fact in page.facts():
                self.say(fact)
            self._choices, keys = page.choices(), page.keys()
        except MedicError as error:
            self.tell_error(error)
        else:
            self._more() if self._choices else self.say(page.nothing)
        letters = [f"{letter} {key.help}" for letter, key in keys.items()]
        self.say(f"Keys: {', '.join([*letters, 'b back', 'q quit', '? help'])}.")

    def _more(self) -> None:
        shown = self._choices[self._told : self._told + SHOWN]
        for number, choice in enumerate(shown, self._told + 1):
            self.say(f"{number}. {one_line(choice.label, _LONGEST)}")
        self._told += len(shown)
        if (left := len(self._choices) - self._told) > 0:
            self.say(f"{left:,} more: m.")
        elif not shown:
            self.say("There is no more.")

    def _answer(self, said: str) -> None:
        page = self._pages[-1]
        keys = page.keys() if said else {}
        word, _, rest = said.partition(" ")
        if not said:
            self._tell()
        elif word in keys:
            keys[word].act(rest.strip())
        elif said in ("b", "back"):
            self._back()
        elif said in ("q", "quit"):
            self.leave()
        elif said == "m":
            self._more()
        elif said in ("?", "h", "help"):
            self._help(page)
        elif (place := _place(said, [choice.name for choice in self._choices])) is not None:
            self._choices[place].act()
        else:
            self._unknown(said, [choice.name for choice in self._choices])

    def _back(self) -> None:
        if len(self._pages) == 1:
            self.say("This is the first page; q quits.")
            return
        self._pages.pop()
        self._tell(whole=False)

    def _help(self, page: Page) -> None:
        self.say("A number or a name (its beginning is enough) chooses from the list. Letters:")
        for letter, key in page.keys().items():
            self.say(f"{letter}: {key.help}")
        for letter, told in ALWAYS.items():
            self.say(f"{letter}: {told}")

    def _unknown(self, said: str, names: Sequence[str]) -> None:
        if said.isdecimal():
            self.say(f"There is no number {said}; the list has {len(names)}.")
            return
        fits = [name for name in names if name.casefold().startswith(said.casefold())]
        if len(fits) > 1:
            self.say(f"{said} is the beginning of {len(fits)}: {', '.join(fits[:5])}{', ...' if fits[5:] else ''}.")
            return
        near = nearest(said, names)
        self.say(f"There is no {said} here. {f'Did you mean {near}?' if near else '? tells what may be said.'}")


def _place(said: str, names: Sequence[str]) -> int | None:
    """Return the place that a number, a name or the beginning of one name stands for."""
    if said.isdecimal():
        return int(said) - 1 if 0 < int(said) <= len(names) else None
    wanted = said.casefold()
    for fits in (str.__eq__, str.startswith):
        found = [place for place, name in enumerate(names) if fits(name.casefold(), wanted)]
        if len(found) == 1:
            return found[0]
    return None
