"""The rule is that of `claims` and `letter`; forms are those of real outputs (MMLU-Pro's published ones among them)."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from medic_console.core.records import Answer, Item, NoAnswer, Reason
from medic_console.scoring.answers.letter import read_letter
from tests.scoring.answers.built import MANY

OPTIONS = {"A": "A beta blocker", "B": "Oral iron", "C": "Watchful waiting", "D": "Vitamin B12"}
ITEM = Item("q1", {"options": OPTIONS})


def read(text: str, item: Item = ITEM) -> str | None:
    answer = read_letter(text, item)
    return answer.value if isinstance(answer, Answer) else None


def choice(*texts: str) -> Item:
    return Item("q", {"options": dict(zip("ABCDEFGHIJ", texts, strict=False))})


READ_AS_B = [
    "B",
    "b",
    "(B)",
    "[[B]]",
    "B.",
    "'B'",
    "**B**",
    " `B` \n",
    "B. Oral iron",
    "B - Oral iron",
    "B) Oral iron\n\nIron stores are low.",
    "(B) Oral iron, because iron stores are low.",
    "(B) The patient lacks iron.",
    "B because ferritin is low.",
    "B\n\nA. It is for the heart.\nC. It is too slow.",
    "Iron stores are low. They are filled by option B.",
    "Option B",
    "Option B: Oral iron",
    "Answer: B",
    "Answer - B",
    "Answer → B",
    "answer = B",
    "ANSWER: (B)",
    "Answer B",
    "Answer:\n\n(B)",
    "Ans: B",
    "Ans. B",
    "**Answer:** (B)",
    "### Answer\n\n**(B) Oral iron**",
    "Final answer: B. Oral iron",
    "The answer is B.",
    "The answer is: B",
    "The answer is (B) for these reasons.",
    "The correct answer is **B**, not C.",
    "The correct answer is option B",
    "The correct answer is:\n\n**B. Oral iron**",
    "The correct option is B",
    "**Correct Option: B**",
    "The answer to this question is B",
    "The answer is B because iron stores are low.",
    "The answer is B Oral iron",
    "The answer is oral iron.",
    "The answer is closest to (B).",
    "My choice is B",
    "I would choose option B.",
    "I'd go with (B)",
    "I think the answer is B",
    "The answer is I think B",
    "Answer: B Explanation: ferritin is low.",
    "Answer: B Iron stores are low.",
    "So option B is correct.",
    "(B) is the right answer.",
    "Of these, B is most likely.",
    "Therefore, B.",
    "So it's B.",
    "The most appropriate next step is (B).",
    "The most likely diagnosis is B. Oral iron",
    "This corresponds to option (B).",
    "Her stores are low, which makes (B) the correct answer.",
    "The answer is B. The stores were actually low. The answer is B.",
    "Her stores are low, which calls for B. oral iron",
    r"Thus \boxed{B}",
    r"\boxed{\text{B}}",
    r"\boxed{\mathrm{B}}",
    r"\boxed{B. Oral iron}",
    r"\boxed{Oral iron}",
    r"The final answer is $\boxed{B}$. I hope it is correct.",
    r"\[ \text{The answer is (B)} \]",
    "Answer: $B$",
    "<answer>B</answer>",
    "<final_answer>\nB\n</final_answer>",
    "The answer is <b>B</b>.",
    '{"answer": "B"}',
    '```json\n{"answer": "B", "explanation": "Ferritin is low."}\n```',
    "{'answer': 'B'}",
    '{"answer_choice": "B"}',
    "Ｂ",
    "Answer：（Ｂ）",
    "\ufeffB",
    "Answer: \u200bB\u200b",
    "Answer: B<|im_end|>",
    "The answer is B.</s>",
    "答案：B",
    "正确答案是B。",
    "故选B",
    "答え：Ｂ",
    "정답: B",
    "La respuesta correcta es B.",
    "Réponse : B",
    "Die richtige Antwort ist B.",
    "Ответ: B",
    "oral  IRON.",
    "Ferritin is low.\n\nB",
    "Ferritin is low.\nB. Oral iron fills the stores.",
    "B\n\nFerritin is low.",
    "Ferritin is low.\nOral iron\n",
    "A. Not indicated.\nB. Indicated.\nC. Too late.\n\nAnswer: B",
    "Let's consider each choice:\n(A) no\n(B) yes\n(C) no\nThe answer is (B).",
    "The answer (A) is wrong. The answer is (B).",
    "The answer is not A. The answer is B.",
    "A and C are wrong, so the answer is B.",
    'The answer to the question "What is the next step?" is B.',
    "### Answer\nB\n\nC is wrong, as the stores are empty.",
    "Based on this, the correct answer is:\n\nB) Oral iron\n\nC is incorrect.",
    "One might think the answer is C, but that would be a trap. The answer is B.",
    "It is tempting to say that the answer is C. The answer is B.",
    "If he were febrile, the answer would be A. Here the answer is B.",
    "If I had to choose, the answer would be B.",
    "If we look at ferritin, the answer is B.",
    "I would think the answer is B.",
    "B!!!",
    "The closest answer is 0.6 ft. The answer is (B).",
    "The answer is A or B. On balance, the answer is B.",
    "The answer is (B).\n\nQuestion: Another?\nOptions:\nA. x\nAnswer: The answer is (C).",
]
"""Each form with the same verdict; the issue's own stand among them."""


@pytest.mark.parametrize("text", READ_AS_B)
def test_a_claim_of_one_option_is_read(text: str) -> None:
    assert read(text) == "B"


CORRECTED_TO_B = [
    "The answer is C, no, B.",
    "The answer is C - no, it is B",
    "The answer is C. Wait, on reflection, the answer is B.",
    "The answer is C. Wait, actually it's B.",
    "The answer is C. No, the answer is B.",
    "Answer: C. Correction: B.",
    "I choose C... hmm, no, I choose B.",
    "C is correct. Sorry, I made a mistake: B is correct.",
    "The answer is C. I was wrong. The answer is B.",
    "The answer is (C). Let me re-evaluate. The answer is (B).",
    "The closest answer is (C), but this is not correct. The correct answer is (B).",
    "Answer: A. Answer: C. Upon closer examination, answer: B. The answer is B.",
]


@pytest.mark.parametrize("text", CORRECTED_TO_B)
def test_the_last_claim_counts_where_a_correction_is_announced_on_one_line_and_on_many(text: str) -> None:
    assert read(text) == "B"
    assert read(text.replace(". ", ".\n\n")) == "B"


@pytest.mark.parametrize(
    "text",
    [
        "Answer: B\nAnswer: C",
        "Answer: B. Answer: C.",
        "The answer is B. The answer is C.",
        "B\n\nThe answer is C.",
        "B. Oral iron is best.\n\nThe answer is C.",
        "The answer is B or C.",
        "The answer is (B) or possibly (C).",
        "The answer is either B or C.",
        "The answer is (A), (B), and (C).",
        "Answer: A and B",
        "Answer: A/B",
        "A. No.\nB. Yes.",
        "A.\nB.\nC.\nD.",
        r"\boxed{A} or \boxed{B}",
        "Answer: B. Watchful waiting",
        "B. Watchful waiting",
        "1. The answer is B.\n2. The answer is C.\n3. The answer is B.",
        "The answer is B. Wait, that is wrong.",
        "The closest option is (B). However, none of the options is correct.",
        "The answer is ABC.",
        "The answer is BC.另一道题\n答案：A",
        "The answer is B. Oral iron and C. Watchful waiting.",
        "The answer is (C). Folate was actually given. The answer is (B).",
    ],
)
def test_two_options_claimed_are_unreadable(text: str) -> None:
    answer = read_letter(text, ITEM)
    assert isinstance(answer, NoAnswer)
    assert answer.reason is Reason.UNREADABLE
    assert "several" in answer.detail


@pytest.mark.parametrize(
    "text",
    [
        "I cannot say.",
        "I cannot answer",
        "Answer: E",
        "The answer is (E).",
        "A patient with anaemia needs care.",
        "The answer is a diet.",
        "The answer is A patient with anaemia.",
        "-",
        "Be well",
        "The answer is not B",
        "Answer: not B",
        "B is not correct.",
        "B is incorrect",
        "The answer isn't B.",
        "I don't think the answer is B.",
        "Neither A nor B is correct",
        "Both A and B is correct",
        "The answer is neither A nor B.",
        "Is the answer B?",
        "The answer is B?",
        "If the answer is B, then iron helps.",
        "The answer would be B if she were pregnant.",
        "The answer could be A or B",
        "Maybe B",
        "If he were febrile, the answer would be B.",
        "Had she been older, the best answer might be B.",
        "One might think the answer is B.",
        "Students may be tempted to think that the answer is B.",
        "E. coli is the cause.",
        "C. difficile was found.",
        "The answer is C. difficile.",
        "The most likely organism is B. cereus.",
        "Answer: hepatitis B",
        "Answer: B12",
        "The answer is group B",
        "A: B",
        "A: Let's think step by step.",
        "Ответ: В",
        "Let's consider each choice:\n(A) means x\n(B) means y\n(C)",
        "The answer lies in this.",
    ],
)
def test_a_text_without_a_claim_is_unreadable(text: str) -> None:
    assert read(text) is None


def test_an_option_whose_text_begins_with_a_letter_is_not_taken_for_it() -> None:
    assert read("The answer is a beta blocker.") == "A"
    assert read("The answer is Vitamin B12.") == "D"


def test_the_options_of_an_item_are_read_as_its_own() -> None:
    statements = choice("I only", "II only", "I and II", "Neither I nor II", "a", "b", "c", "d", "e")
    assert read("The answer is I and II.", statements) == "C"
    assert read("The answer is I.", statements) is None
    assert read("The answer is (I).", statements) == "I"
    numbers = choice("5", "5.0 mg", "5,000", "10 - 3", "0.5", "1/2")
    assert [read(f"The answer is {said}.", numbers) for said in numbers.fields["options"].values()] == list("ABCDEF")
    assert read("The answer is 5 - 2 = 3.", numbers) is None
    lettered = choice("(a) and (b)", "(b) alone", "(a) alone")
    assert read("The answer is (a).", lettered) is None
    groups = choice("AB", "O", "A", "B")
    assert (read("The answer is A.", groups), read("The answer is (A).", groups)) == (None, "A")
    coli = choice("E. coli", "S. aureus", "C. difficile")
    assert [read(f"Answer: {said}", coli) for said in ("E. coli", "S. aureus", "C. difficile")] == ["A", "B", "C"]
    twice = choice("Iron", "iron", "None")
    assert (read("The answer is iron.", twice), read("The answer is none.", twice)) == (None, "C")


def test_the_roman_one_of_a_list_is_no_label() -> None:
    nine = choice(*(f"Finding {number}" for number in range(9)))
    assert read("I. Ferritin is low.", nine) == "I"
    assert read("The answer is I.", nine) == "I"
    assert read("The answer is I, as ferritin is low.", nine) == "I"
    assert read("I. Ferritin is low.\nII. Iron is low.\nBoth hold.", nine) is None


def test_labels_are_the_keys_of_the_options() -> None:
    item = Item("q", {"options": {"yes": "yes", "no": "no", "maybe": "maybe"}})
    assert read_letter("Answer: Maybe.", item) == Answer("maybe", "maybe")
    assert isinstance(read_letter("Answer: B", item), NoAnswer)


def test_what_is_claimed_that_is_no_option_is_said() -> None:
    answer = read_letter("The answer is (F).", ITEM)
    assert isinstance(answer, NoAnswer)
    assert answer.detail == "F is claimed, which is no option"


CLAIMS = st.sampled_from(
    [
        "Answer: {0}",
        "The answer is {0}.",
        "The answer is ({0}).",
        "The correct answer is option {0}.",
        "**Correct option: {0}**",
        "I would choose {0}.",
        "Therefore, ({0}).",
        "The answer is {0}, as the guideline says.",
        "({0}) is the best answer.",
        r"The answer is $\boxed{{{0}}}$.",
        "<answer>{0}</answer>",
        '{{"answer": "{0}"}}',
        "The answer is {0}. {1}",
        "The correct answer is: {0}) {1}",
        "答案：{0}。",
    ]
)
TALK = st.lists(
    st.sampled_from(
        [
            "A patient with iron deficiency is seen.",
            "I would first look at ferritin.",
            "This is not explained by hepatitis B.",
            "Options A and C do not fit.",
            "E. coli and C. difficile were not found.",
            "Is iron needed? The stores are low.",
            "Vitamin C helps, and vitamin B12 is normal.",
            "Option D is incorrect.",
            "The dose is 5 mg, or 0.6 mL.",
            "Group B received placebo.",
            "He said: wait for the result.",
            "Answering needs the whole story.",
            "If the stores were full, nothing would be given.",
        ]
    ),
    max_size=3,
)


def stated(form: str, label: str) -> str:
    """Return a claim; one that ends without a mark ends its line."""
    said = form.format(label, OPTIONS[label])
    return said if said[-1] in ".。}>$" else f"{said}\n"


@MANY
@given(st.sampled_from("ABCD"), CLAIMS, TALK, TALK, st.sampled_from([" ", "\n", "\n\n"]))
def test_no_generated_text_is_misread(label: str, claim: str, before: list[str], after: list[str], gap: str) -> None:
    assert read(gap.join([*before, stated(claim, label), *after])) == label


@MANY
@given(st.permutations("ABCD"), CLAIMS, CLAIMS, st.sampled_from([" ", "\n", "\n\n"]), TALK)
def test_two_claims_in_a_generated_text_go_by_the_rule(
    labels: list[str], first: str, second: str, gap: str, talk: list[str]
) -> None:
    one, two = (stated(form, label) for form, label in zip((first, second), labels, strict=False))
    assert read(gap.join([one, *talk, two])) is None
    assert read(gap.join([one, *talk, "Wait, I made a mistake.", two])) == labels[1]


@settings(max_examples=200, deadline=None)
@given(st.text(min_size=1))
def test_no_text_breaks_the_reader(text: str) -> None:
    assert isinstance(read_letter(text, ITEM), Answer | NoAnswer)


@pytest.mark.parametrize(
    "piece",
    [
        "answer to ",
        "(",
        "the answer is ",
        "B or ",
        r"\boxed{",
        "most ",
        "A. x\n",
        "I ",
        "The answer is A, because of it, ",
    ],
)
def test_a_long_text_is_read_in_a_moment(piece: str) -> None:
    # No clock: a pattern that goes over the text once for each place in it would not end within the test's time.
    read((piece * 40_000)[:40_000])


@pytest.mark.parametrize("gap", range(40, 90))
def test_a_label_behind_a_claim_ends_no_sentence_wherever_it_stands(gap: int) -> None:
    """`or A` is another answer at the end of a sentence, and not in the middle of one."""
    text = f"The answer is C of course of course{' x' * (gap // 2)}{'y' * (gap % 2)} or A level physiology errs"
    assert read(text) == "C"
