from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from medic_console.core.records import Answer, Item, NoAnswer
from medic_console.scoring.answers.yes_no_maybe import read_word
from tests.scoring.answers.built import MANY

ITEM = Item("1", {"options": {"yes": "yes", "no": "no", "maybe": "maybe"}})


def read(text: str, item: Item = ITEM) -> str | None:
    answer = read_word(text, item)
    return answer.value if isinstance(answer, Answer) else None


READ_AS_NO = [
    "no",
    "No.",
    "NO!",
    "**NO**",
    '"no"',
    "Ｎｏ",
    "no\u200b",
    "No, the trial found no difference.",
    "No – the groups were alike.",
    "No - it does not",
    "No because the groups were alike.",
    "No it does not",
    "No the groups were alike.",
    "Answer: no",
    "**Answer:** No",
    "Answer: No (moderate certainty)",
    "Answer - no",
    "answer = no",
    "The answer is no.",
    "The answer is a clear no.",
    "The answer is probably no.",
    "The answer to this question is no.",
    "The answer to the question is no.",
    "The answer to the question 'Does aspirin help?' is no.",
    "My answer is: no",
    "Final decision: no",
    "final_decision: no",
    "Conclusion: No, aspirin does not help.",
    "Toxic: no",
    "is_toxic: no",
    "Toxicity: No",
    "Verdict: no",
    "I would say no",
    "I'd answer no.",
    "So, no.",
    "In conclusion, no.",
    "Based on the abstract, no.",
    "Does it help? No.",
    "Therefore, the answer is no.",
    r"\boxed{no}",
    r"\boxed{\text{No}}",
    "<answer>no</answer>",
    '{"final_decision": "no"}',
    "{'answer': 'no'}",
    "The groups were alike.\n\nNo",
    "No\n\nThe groups were alike.",
    "The answer is yes or no. The answer is no.",
    "The answer is yes. On reflection, the answer is no.",
    "The answer is yes.\nOn reflection, the answer is no.",
    "The answer is yes. Wait, no.",
    "Answer: yes. Correction: no.",
    "I know this. Knowing it, the answer is no.",
    "Based on the abstract, no, it does not.",
    "Therefore, no, the drug does not work.",
    'The answer to the question "Is it useful?" is no.',
    "One might think the answer is yes, but the answer is no.",
    "If more had been studied, the answer would be yes. Here the answer is no.",
]


@pytest.mark.parametrize("text", READ_AS_NO)
def test_a_claim_of_one_word_is_read(text: str) -> None:
    assert read(text) == "no"


@pytest.mark.parametrize(
    "text",
    [
        "No difference was found.",
        "No one knows.",
        "No. 5 of the list",
        "There is no answer.",
        "Answer: no difference",
        "The answer is no longer clear.",
        "The result is no significant change.",
        "Answer: yes\nAnswer: no",
        "Answer: yes. Answer: no.",
        "Yes, symptoms fell at first.\n\nAnswer: no",
        "Answer: yes/no/maybe",
        "The answer is yes or no.",
        "Yes and no",
        "Yes or no?",
        "The answer is no?",
        "Is the answer no?",
        "If the answer is no, stop.",
        "I don't think the answer is no.",
        "The answer is not yes.",
        "Nobody knows",
        "I know this.",
        "unknown",
        "It depends.",
        "It may be no.",
        "One might think that the answer is no.",
        "If more had been studied, the answer would be no.",
        "Fever: no. Cough: yes.",
        "The answer is yes. Wait, that is wrong.",
    ],
)
def test_no_claim_or_several_are_unreadable(text: str) -> None:
    assert read(text) is None


ROLE = "Do mitochondria play a role in remodelling lace plant leaves during programmed cell death?"
LINKED = "Is smoking associated with earlier menopause?"
GAP = "Is there a difference between early and late surgery?"


@pytest.mark.parametrize(
    ("question", "text"),
    [
        (ROLE, "No, mitochondria play a role in remodelling lace plant leaves during programmed cell death."),
        (ROLE, "No. Mitochondria play a role in remodelling lace plant leaves during programmed cell death."),
        (ROLE, "Answer: no, mitochondria do play a role in remodelling lace plant leaves during cell death."),
        (ROLE, "Yes, mitochondria do not play a role in remodelling lace plant leaves during programmed cell death."),
        (LINKED, "**No**, smoking is associated with earlier menopause."),
        (LINKED, "Yes, smoking isn't associated with an earlier menopause."),
        (GAP, "Yes, there is no difference between early and late surgery."),
        (GAP, "No, there is a difference between early and late surgery."),
    ],
)
def test_a_word_whose_own_sentence_says_the_opposite_is_unreadable(question: str, text: str) -> None:
    assert read(text, Item("1", {**ITEM.fields, "question": question})) is None


@pytest.mark.parametrize(
    ("question", "text", "word"),
    [
        (ROLE, "Yes, mitochondria play a role in remodelling lace plant leaves during programmed cell death.", "yes"),
        (ROLE, "No, mitochondria do not play a role in remodelling lace plant leaves during cell death.", "no"),
        (ROLE, "No, mitochondria play only a minor role in remodelling lace plant leaves.", "no"),
        (ROLE, "No, chloroplasts play a role.", "no"),
        (LINKED, "No, smoking is associated with later menopause.", "no"),
        (LINKED, "No, smoking is rarely associated with earlier menopause.", "no"),
        (LINKED, "No, smoking is associated with earlier puberty, weight and age.", "no"),
        (GAP, "No, there is no difference between early and late surgery.", "no"),
        (GAP, "Yes, there is a difference between early and late surgery.", "yes"),
        ("Does the drug not work?", "No, the drug does not work.", "no"),
        ("", "No, it is.", "no"),
    ],
)
def test_a_word_whose_sentence_agrees_or_says_something_else_is_read(question: str, text: str, word: str) -> None:
    assert read(text, Item("1", {**ITEM.fields, "question": question})) == word


@pytest.mark.parametrize("gap", range(30, 75))
def test_a_word_behind_a_claim_ends_no_sentence_wherever_it_stands(gap: int) -> None:
    assert read(f"Answer: yes. {'x' * gap}. Maybe more is needed than one trial.") == "yes"


def test_only_the_words_of_the_item_are_answers() -> None:
    toxic = Item("1", {"options": {"yes": "yes", "no": "no"}})
    assert read("maybe", toxic) is None
    assert read("Yes", toxic) == "yes"


@settings(deadline=None)
@given(st.text(min_size=1))
def test_no_text_breaks_the_reader(text: str) -> None:
    assert isinstance(read_word(text, ITEM), Answer | NoAnswer)


@settings(deadline=None)
@given(st.sampled_from(["yes", "no", "maybe"]), st.sampled_from([str, str.upper, str.title]))
def test_every_word_is_read_back_in_any_case(word: str, case: type[str]) -> None:
    assert read(case(word)) == word
    assert read(f"The answer is {case(word)}, as the table shows.") == word


CLAIMS = st.sampled_from(
    [
        "Answer: {0}.",
        "The answer is {0}.",
        "The answer to this question is {0}.",
        "Final decision: {0}\n",
        "I would say {0}.",
        "Therefore, {0}.",
        r"\boxed{{{0}}}",
        '{{"final_decision": "{0}"}}',
        "<answer>{0}</answer>",
        "**Answer:** {0}, as the table shows.",
    ]
)
TALK = st.lists(
    st.sampled_from(
        [
            "There was no difference between the groups.",
            "This may be due to chance.",
            "We know that the trial was small.",
            "No harm was found in yes-men or others.",
            "Maybe more is needed than one trial.",
            "Was it blinded? The abstract does not say.",
            "The conclusion of the authors is cautious.",
            "If nothing helped, the trial would say so.",
            "Fever: none. Cough: rare.",
        ]
    ),
    max_size=3,
)


@MANY
@given(st.sampled_from(["yes", "no", "maybe"]), CLAIMS, TALK, TALK, st.sampled_from(["\n", "\n\n"]))
def test_no_generated_text_is_misread(word: str, claim: str, before: list[str], after: list[str], gap: str) -> None:
    assert read(gap.join([*before, claim.format(word), *after])) == word


@MANY
@given(st.permutations(["yes", "no", "maybe"]), CLAIMS, CLAIMS, TALK, st.sampled_from(["\n", " "]))
def test_two_claims_in_a_generated_text_go_by_the_rule(
    words: list[str], first: str, second: str, talk: list[str], gap: str
) -> None:
    one, two = first.format(words[0]), second.format(words[1])
    assert read(gap.join([one, *talk, two])) is None
    assert read(gap.join([one, *talk, "Wait, I made a mistake.", two])) == words[1]
