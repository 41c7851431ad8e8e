"""Summaries: trial protocols, lists of problems, hospital courses with the patient's instructions."""

from __future__ import annotations

from training.facts import Question
from training.shipped import Example, Group, ask, ask_again
from training.skills.cef import answered, question_list
from training.wording import capital, listed
from training.world import World, table


def trial(world: World) -> Group:
    """Return a protocol and its summary, and the questions that a judge asks about either."""
    words = table("summaries")["trial"]
    while True:
        picked = {name: world.pick(choices) for name, choices in words.items()}
        if world.allowed("trial", picked["treatment"], picked["condition"], picked["outcome"]):
            break
    second = world.pick([word for word in words["outcome"] if word != picked["outcome"]])
    people, low = world.rng.randint(4, 90) * 10, world.rng.randint(18, 60)
    high = low + world.rng.randint(10, 30)
    treatment, control, condition, outcome = (picked[k] for k in ("treatment", "control", "condition", "outcome"))
    protocol = (
        f"Title:\n{capital(treatment)} for {condition}\n\nCondition:\n{capital(condition)}\n\n"
        f"Intervention:\n{capital(treatment)}; {control}\n\n"
        f"Description:\n{_described(world, picked, people)}\n\n"
        f"Outcome measures:\n{capital(outcome)} at week {picked['weeks']}; {second}\n\n"
        f"Eligibility:\nInclusion: age {low} to {high}, {condition}.\nExclusion: {picked['exclusion']}."
    )
    summary = (
        f"The trial tests {treatment} against {control} in {condition}. {people} people take part for "
        f"{picked['weeks']} weeks. The main outcome is the {outcome} at week {picked['weeks']}; {second} is measured "
        f"too. Adults of {low} to {high} years with {condition} may take part, but not with {picked['exclusion']}."
    )
    asked = [
        f"Does the trial test {treatment}?",
        f"Is {control} the comparison?",
        f"Is the condition {condition}?",
        f"Do {people} people take part?",
        f"Does the trial last {picked['weeks']} weeks?",
        f"Is the {outcome} measured?",
        f"Is the {second} measured?",
        f"Is the age {low} to {high} years?",
        f"Is {picked['exclusion']} a reason for exclusion?",
    ]
    group = [
        Example("trials", ask("clinical_trials", protocol=protocol), summary, facts=[treatment, control, outcome]),
        question_list(protocol, asked),
        *_answers(world, protocol, picked),
    ]
    return group if world.chance(0.5) else [question_list(summary, asked), *_answers(world, summary, picked)]


def _described(world: World, picked: dict[str, str], people: int) -> str:
    treatment, control = picked["treatment"], picked["control"]
    return world.pick(
        (
            f"{people} adults are allocated at random to {treatment} or {control} for {picked['weeks']} weeks. "
            f"The trial is {picked['blind']}.",
            f"In this {picked['blind']} trial {people} participants get {treatment} or {control} for "
            f"{picked['weeks']} weeks.",
            f"A {picked['blind']} comparison of {treatment} with {control}. {people} people are included. "
            f"It lasts {picked['weeks']} weeks.",
        )
    )


def _answers(world: World, text: str, picked: dict[str, str]) -> Group:
    """Return a few questions about a trial with the three answers."""
    forms = {
        "condition": ("Is the condition {}?", "NO"),
        "treatment": ("Does the trial test {}?", "IDK"),
        "outcome": ("Is the {} measured?", "IDK"),
        "exclusion": ("Is {} a reason for exclusion?", "IDK"),
        "weeks": ("Does the trial last {} weeks?", "NO"),
    }
    words = table("summaries")["trial"]
    group = []
    for name, (form, otherwise) in forms.items():
        other = world.pick(words[name])
        same = other in text if name != "weeks" else other == picked[name]
        right = world.chance(0.4)
        word, label = (picked[name], "YES") if right else (other, "YES" if same else otherwise)
        echo = f"nothing on {word}" if label == "IDK" else f"{name} {word if label == 'YES' else picked[name]}"
        group.append(answered(text, Question(form.format(word), label, echo)))
    return group


def problems(world: World) -> Group:
    """Return a progress note and the list of its problems."""
    known = table("summaries")["problem"]
    while True:
        names = world.some(list(known), world.rng.randint(3, 6))
        if world.allowed("problems", *sorted(names[:2])):
            break
    signs = [world.pick(known[name]).replace("{n}", str(world.rng.randint(2, 9))) for name in names]
    sex, age = world.pick(("man", "woman")), world.rng.randint(24, 92)
    subjective = world.pick(("Slept well.", "No pain.", "Feels weak.", "Wants to go home.", "Ate half of breakfast."))
    opening = world.pick(
        (f"day {world.rng.randint(1, 9)} of the stay", f"admitted with {names[0]}", "improving slowly")
    )
    note = (
        f"Assessment:\n{age}-year-old {sex}, {opening}.\n\nSubjective:\n{subjective}\n\nObjective:\n{' '.join(signs)}"
    )
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
        group.append(answered(text, Question(f"Does the patient have {name}?", label, echo)))
    return [summary, *group]


def stay(world: World) -> Group:
    """Return a hospital record, its course, and the patient's instructions."""
    words = table("summaries")["course"]
    while True:
        number = world.rng.randrange(len(words["why"]))
        why, complaint = words["why"][number], words["complaint"][number]
        drugs = [f"{world.word('drug')} {world.word('dose')}" for _ in range(world.rng.randint(1, 2))]
        test, result = world.word("test"), world.word("result")
        if world.allowed("stay", why, *drugs, test, result):
            break
    sex, age, days = world.pick(("man", "woman")), world.rng.randint(22, 91), world.rng.randint(2, 9)
    he = "He" if sex == "man" else "She"
    done, time = world.word("procedure"), world.word("time")
    lines = [
        f"Chief complaint: {complaint}.",
        f"History: {age}-year-old {sex}, {complaint} for {world.word('time')}.",
        f"Results: {test}: {result}.",
        f"Treatment: {done}; {days} days in hospital. Discharge medicines: {', '.join(drugs)}. Review in {time}.",
    ]
    if world.chance(0.4):
        lines.insert(2, f"Exam: {world.word('finding')}.")
    record = "\n".join(lines)
    course = (
        f"{he} was admitted with {why}. The {test} showed {result}. {he} had {done} and stayed {days} days. "
        f"{he} went home on {listed(drugs)}. Review in {time}."
    )
    plain = (
        f"You were in hospital because of {why}. You had {done}. Take {listed(drugs)}. {world.pick(words['plain'])} "
        f"Come to your review in {time}. Call us if you have {world.pick(words['alarm'])}."
    )
    texts = [
        Example("stays", ask("dischargeme", text=record), course, facts=[why, *drugs, test, result, done]),
        Example("stays", ask_again("dischargeme", course, text=record), plain, facts=[why, *drugs]),
    ]
    if world.chance(0.5):
        return texts
    asked = [
        f"Does the {test} show {result}?",
        f"Did the patient have {done}?",
        f"Did the patient stay {days} days?",
        *(f"Does the patient take {drug}?" for drug in drugs),
        f"Is the review in {time}?",
    ]
    text = world.pick((record, course))
    other, more = world.word("procedure"), str(days + world.rng.randint(1, 4))
    had = Question(f"Did the patient have {other}?", "YES" if other == done else "IDK", f"nothing on {other}")
    stayed = Question(f"Did the patient stay {more} days?", "NO", f"{days} days")
    return [
        *texts,
        question_list(text, asked),
        answered(text, had if other != done else Question(had.text, "YES", done)),
        answered(text, stayed),
        answered(text, Question(world.pick(asked[:2]), "YES", f"{result}, {done}")),
    ]
