"""Short helpful answers to health questions, and the next turn of a conversation."""

from __future__ import annotations

from collections.abc import Mapping

from medic_console.core.records import Message
from training.shipped import Example, Group, ask
from training.wording import bare, capital
from training.world import World, is_held_out, table

TOGETHER = 4
_SYMPTOM = (
    "Why do I have {}?",
    "What causes {}?",
    "What helps against {}?",
    "When should I see a doctor with {}?",
    "Is {} dangerous?",
    "What should I know about {}?",
    "i have {} what can i do",
)
_MEDICINE = (
    "What is {} for?",
    "How do I take {}?",
    "how should i take {}",
    "What are side effects of {}?",
    "Is {} safe?",
    "what must i not take with {}",
    "Can you tell me about {}?",
)
_EMERGENCY = (
    "I have {}. What should I do?",
    "My father has {}. Can it wait?",
    "{} since an hour. Should I rest first?",
)


def questions(world: World) -> Group:
    """Return health questions and their answers."""
    group = []
    for _ in range(TOGETHER):
        asked, answer, _ = pair(world)
        task = world.pick(("medication_qa", "healthsearch_qa", "expert_qa"))
        group.append(Example("advice", ask(task, question=asked), answer, facts=answer))
    return group


def pair(world: World) -> tuple[str, str, Mapping[str, str]]:
    """Return a question about a topic or a medicine, its answer, and the words it was made of."""
    while True:
        kind = world.pick(("topic", "medicine"))
        about = world.pick(table("advice")[kind])
        form = world.pick(_SYMPTOM if kind == "topic" else _MEDICINE)
        if is_held_out("advice", about["name"], form) == (world.part == "slots"):
            return form.format(about["name"]), told(about), about


def told(about: Mapping[str, str]) -> str:
    """Return the words of a leaflet about a topic or a medicine."""
    name = capital(about["name"])
    if "cause" in about:
        return (
            f"The usual cause of {bare(about['name'])} is {about['cause']}. What helps is {about['help']}. "
            f"See a doctor at once if {about['alarm']}."
        )
    return (
        f"{name} is for {about['use']}. Take it {about['how']}. It can cause {about['risk']}. "
        f"Do not combine it with {about['never']}. Ask your doctor or pharmacist if you are unsure."
    )


def conversations(world: World) -> Group:
    """Return conversations whose next turn the model writes: emergencies, and questions that go on."""
    group = []
    for _ in range(TOGETHER):
        turns, answer, _ = conversation(world)
        group.append(Example("talks", turns, answer, facts=answer))
    return group


def conversation(world: World) -> tuple[tuple[Message, ...], str, Mapping[str, str]]:
    """Return turns, the next turn, and the words it was made of."""
    if world.chance(0.6):
        about = world.pick(table("advice")["emergency"])
        asked = capital(world.pick(_EMERGENCY).format(about["sign"]))
        answer = f"This can be {about['name']}. {about['act']} Do not {about['never']}."
    else:
        asked, answer, about = pair(world)
    turns = [{"role": "user", "content": asked}]
    if world.chance(0.3):
        follow = world.pick(
            (("How old are you?", "I am {}."), ("Since when?", "Since {} days."), ("Any illness?", "No."))
        )
        turns.append({"role": "assistant", "content": follow[0]})
        turns.append({"role": "user", "content": follow[1].format(world.rng.randint(2, 79))})
    return ask("healthbench", conversation=turns), answer, about
