"""Summaries: trial protocols, lists of problems, hospital courses with the patient's instructions."""

from __future__ import annotations

from training.facts import Question
from training.shipped import Example, Group, ask, ask_again
from training.skills.cef import answered, question_list
from training.wording import capital, listed, write
from training.world import World, table

_TRIAL_ASKED = (
    "Does the trial test {treatment}?",
    "Is {control} the comparison?",
    "Is the condition {condition}?",
    "Do {people} people take part?",
    "Does the trial last {weeks} weeks?",
    "Is the {outcome} measured?",
    "Is the {second} measured?",
    "Is the age {low} to {high} years?",
    "Is {exclusion} a reason for exclusion?",
)


def trial(world: World) -> Group:
    """Return a protocol and its summary, and the questions that a judge asks about either."""
    words, forms = table("summaries")["trial"], table("summaries")["form"]
    while True:
        picked = {name: world.pick(choices) for name, choices in words.items()}
        if world.allowed("trial", picked["treatment"], picked["condition"], picked["outcome"]):
            break
    low = world.rng.randint(18, 60)
    picked["second"] = world.pick([word for word in words["outcome"] if word != picked["outcome"]])
    picked |= {
        "people": str(world.rng.randint(4, 90) * 10),
        "low": str(low),
        "high": str(low + world.rng.randint(10, 30)),
    }
    picked["described"] = write(world.pick(forms["described"]), picked)
    protocol = write(world.pick(forms["protocol"]), picked)
    asked = [write(form, picked) for form in _TRIAL_ASKED]
    if world.chance(0.5):
        told = write(world.pick(forms["told"]), picked)
        return [question_list(told, asked), *_answers(world, told, picked)]
    facts = [picked[name] for name in ("treatment", "control", "outcome")]
    summary = Example("trials", ask("clinical_trials", protocol=protocol), write(forms["told"][0], picked), facts=facts)
    return [summary, question_list(protocol, asked), *_answers(world, protocol, picked)]


def _answers(world: World, text: str, picked: dict[str, str]) -> Group:
    """Return a few questions about a trial with the three answers, none about a word that means something else."""
    words = table("summaries")["trial"]
    group = []
    for name, forms in table("summaries")["question"].items():
        if name not in words:
            continue
        right = {picked[name], picked["second"]} if name == "outcome" else {picked[name]}
        others = [word for word in words[name] if word not in right and not (name != "weeks" and word in text)]
        word = world.pick(sorted(right)) if world.chance(0.45) else world.pick(others)
        label = "YES" if word in right else "NO" if name in ("condition", "weeks") else "IDK"
        echo = f"nothing on {word}" if label == "IDK" else f"{name} {word if label == 'YES' else picked[name]}"
        group.append(answered(text, Question(world.pick(forms).format(word), label, echo)))
    return group


def problems(world: World) -> Group:
    """Return a progress note and the list of its problems."""
    known = table("summaries")["problem"]
    while True:
        names = world.some(list(known), world.rng.randint(3, 6))
        opposite = len({name.replace("hyper", "hypo") for name in names}) < len(names)
        if not opposite and world.allowed("problems", *sorted(names[:2])):
            break
    note = _note(world, names)
    answer = "; ".join(capital(name) if n == 0 else name for n, name in enumerate(names))
    summary = Example("problems", ask("problem_list", note=note), answer, facts=names)
    if world.chance(0.5):
        return [summary]
    text = world.pick((note, answer))
    group = [question_list(text, [f"Does the patient have {name}?" for name in names])]
    for _ in range(4):
        name = world.pick(names if world.chance(0.5) else list(known))
        has = name in names or name in note
        label, echo = ("YES", name) if has else ("IDK", f"nothing on {name}")
        form = world.pick(table("summaries")["question"]["problem"])
        group.append(answered(text, Question(form.format(name), label, echo)))
    return [summary, *group]


def _note(world: World, names: list[str]) -> str:
    """Return a progress note with a sign of each problem, in this order."""
    summaries = table("summaries")
    words, known = summaries["note"], summaries["problem"]
    signs = [world.pick(known[name]).replace("{n}", str(world.rng.randint(2, 9))) for name in names]
    opening = write(world.pick(words["opening"]), {"day": str(world.rng.randint(1, 9)), "first": names[0]})
    slots = {
        "age": str(world.rng.randint(24, 92)),
        "sex": world.pick(("man", "woman")),
        "opening": opening,
        "subjective": world.pick(words["subjective"]),
        "signs": " ".join(signs),
        "lines": "\n".join(signs),
    }
    return write(world.pick(words["layout"]), slots)


def stay(world: World) -> Group:
    """Return a hospital record, its course, and the patient's instructions."""
    words, forms = table("summaries")["course"], table("summaries")["stay"]
    while True:
        number = world.rng.randrange(len(words["why"]))
        why, complaint = words["why"][number], words["complaint"][number]
        drugs = [f"{world.word('drug')} {world.word('dose')}" for _ in range(world.rng.randint(1, 2))]
        slots = {name: world.word(name) for name in ("test", "result", "time", "finding")}
        if world.allowed("stay", why, *drugs, slots["test"], slots["result"]):
            break
    sex, done = world.pick(("man", "woman")), world.word("procedure")
    slots |= {"why": why, "complaint": complaint, "sex": sex, "he": "he" if sex == "man" else "she", "done": done}
    slots |= {"drugs": ", ".join(drugs), "listed": listed(drugs), "since": world.word("time")}
    slots |= {"age": str(world.rng.randint(22, 91)), "days": str(world.rng.randint(2, 9))}
    names = ("first", "exam", "results", "last") if world.chance(0.4) else ("first", "results", "last")
    record = "\n".join(write(world.pick(forms[name]), slots) for name in names)
    course = write(forms["told"][0], slots)
    plain = (
        f"You were in hospital because of {why}. You had {done}. Take {listed(drugs)}. {world.pick(words['plain'])} "
        f"Come to your review in {slots['time']}. Call us if you have {world.pick(words['alarm'])}."
    )
    facts = [why, *drugs, slots["test"], slots["result"], done]
    texts = [
        Example("stays", ask("dischargeme", text=record), course, facts=facts),
        Example("stays", ask_again("dischargeme", course, text=record), plain, facts=[why, *drugs]),
    ]
    if world.chance(0.5):
        return texts
    text = world.pick((record, course, write(world.pick(forms["told"]), slots)))
    return [*texts, *_asked(world, text, slots, drugs)]


def _asked(world: World, text: str, slots: dict[str, str], drugs: list[str]) -> Group:
    """Return the questions that a judge asks about a stay, and some of their answers."""
    done, days = slots["done"], int(slots["days"])
    asked = [
        write("Does the {test} show {result}?", slots),
        f"Did the patient have {done}?",
        f"Did the patient stay {days} days?",
        *(f"Does the patient take {drug}?" for drug in drugs),
        f"Is the review in {slots['time']}?",
    ]
    other, more = world.word("procedure"), str(days + world.rng.randint(1, 4))
    had = Question(
        f"Did the patient have {other}?", *(("YES", done) if other == done else ("IDK", f"nothing on {other}"))
    )
    stayed = Question(f"Did the patient stay {more} days?", "NO", f"{days} days")
    return [
        question_list(text, asked),
        answered(text, had),
        answered(text, stayed),
        answered(text, Question(world.pick(asked[:2]), "YES", f"{slots['result']}, {done}")),
    ]
