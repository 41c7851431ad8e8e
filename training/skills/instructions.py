"""Instructions on the form of an answer, such as bullets, capitals and a fixed ending."""

from __future__ import annotations

import json
from collections.abc import Callable

from training.shipped import Example, Group, ask
from training.wording import capital, listed
from training.world import World, table

TOGETHER = 4
_KINDS = (
    "Tell a patient about {}.",
    "Write a short leaflet on {}.",
    "Explain {} to a nurse.",
    "Write a message about {}.",
)


def forms(world: World) -> Group:
    """Return requests with an instruction on the form, and answers that follow it."""
    group = []
    for _ in range(TOGETHER):
        about = world.pick([*table("advice")["topic"], *table("advice")["medicine"]])
        start = world.pick(_KINDS).format(about["name"])
        facts = about["help"] if "help" in about else about["how"]
        asked, answer = world.pick(MAKERS)(world, start, f"{about['name']}|{facts}")
        turns = ask("ifeval", prompt=asked)
        group.append(Example("forms", turns, answer, facts=answer))
    return group


def _parts(facts: str) -> tuple[str, str]:
    name, text = facts.split("|")
    return name, text


def _plain(facts: str) -> list[str]:
    """Return short sentences without commas."""
    name, text = _parts(facts)
    text = text.replace(",", " and").replace(";", " and")
    return [
        f"Here is help on {name}",
        f"The advice is {text}",
        "Ask a nurse if you are unsure",
        "Call a doctor if it gets worse",
        "Keep this note at home",
    ]


def _bullets(world: World, start: str, facts: str) -> tuple[str, str]:
    count = world.rng.randint(2, 4)
    asked = f'{start} Give exactly {count} markdown bullet points that start with "* " and do not use any commas.'
    return asked, "\n".join(f"* {line}." for line in _plain(facts)[1 : count + 1])


def _capitals(world: World, start: str, facts: str) -> tuple[str, str]:
    asked = f"{start} Your entire response should be in English and in all capital letters."
    return asked, ". ".join(_plain(facts)[: world.rng.randint(2, 3)]).upper() + "."


def _lower(world: World, start: str, facts: str) -> tuple[str, str]:
    asked = f"{start} Your entire response should be in English and in all lowercase letters."
    return asked, ". ".join(_plain(facts)[: world.rng.randint(2, 3)]).lower() + "."


def _ending(world: World, start: str, facts: str) -> tuple[str, str]:
    end = world.pick(("Get well soon.", "Call us any time.", "Is there anything else?", "Your care team."))
    asked = f"{start} Finish with this exact phrase: {end} No other words should follow."
    return asked, f"{'. '.join(_plain(facts)[:2])}. {end}"


def _title(world: World, start: str, facts: str) -> tuple[str, str]:
    asked = f"{start} Give it a title in double angular brackets, such as <<title>>."
    return asked, f"<<{capital(_parts(facts)[0])}>>\n{'. '.join(_plain(facts)[:3])}."


def _quoted(world: World, start: str, facts: str) -> tuple[str, str]:
    asked = f"{start} Wrap your entire response with double quotation marks and use at least 3 sentences."
    return asked, f'"{". ".join(_plain(facts)[:3])}."'


def _letter(world: World, start: str, facts: str) -> tuple[str, str]:
    asked = (
        "Write a template for a letter about an appointment. Use at least 3 placeholders in square brackets, such as "
        f"[name], and end with a postscript that starts with P.S. The topic is {_parts(facts)[0]}."
    )
    return asked, (
        f"Dear [name],\nyour appointment for {_parts(facts)[0]} is on [date] at [time] in [place].\nYour [clinic]\n"
        "P.S. Please bring your list of medicines."
    )


def _options(world: World, start: str, facts: str) -> tuple[str, str]:
    shown = "Answer with one of these options: 'My answer is yes.', 'My answer is no.', 'My answer is maybe.'"
    about = world.pick(table("advice")["emergency"])
    good = world.chance(0.5)
    asked = f"Is {about['sign']} an emergency?" if good else f"Is it safe to {about['never']} with {about['sign']}?"
    return f"{asked} {shown}", f"My answer is {'yes' if good else 'no'}."


def _two(world: World, start: str, facts: str) -> tuple[str, str]:
    asked = (
        f"{start} Give two different responses. Separate them, and only them, with 6 asterisk symbols: ******. "
        "Do not use any commas."
    )
    lines = _plain(facts)
    return asked, f"{lines[1]}.\n******\n{lines[0]}. {lines[3]}."


def _sections(world: World, start: str, facts: str) -> tuple[str, str]:
    count = world.rng.randint(2, 3)
    asked = f"{start} Write {count} sections and mark the beginning of each with SECTION X, such as SECTION 1."
    return asked, "\n".join(f"SECTION {n}\n{line}." for n, line in enumerate(_plain(facts)[:count], 1))


def _as_json(world: World, start: str, facts: str) -> tuple[str, str]:
    words = world.some(("dose", "route", "advice", "topic", "time"), 2)
    asked = f"{start} Wrap your entire output in JSON format. Include the keywords {listed([repr(w) for w in words])}."
    return asked, json.dumps({words[0]: _parts(facts)[0], words[1]: _parts(facts)[1]})


def _paragraphs(world: World, start: str, facts: str) -> tuple[str, str]:
    asked = f"{start} Write 2 paragraphs separated with the markdown divider ***."
    lines = _plain(facts)
    return asked, f"{lines[0]}. {lines[1]}.\n***\n{lines[3]}."


MAKERS: tuple[Callable[[World, str, str], tuple[str, str]], ...] = (
    _bullets,
    _capitals,
    _lower,
    _ending,
    _title,
    _quoted,
    _letter,
    _options,
    _two,
    _sections,
    _as_json,
    _paragraphs,
)
"""Each returns a request with an instruction and an answer that follows it."""
