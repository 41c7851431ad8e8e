"""Claims that are denied, corrected, conditional or another's, reader by reader: text and what may be read from it.

None: the text is unreadable. Where another reading stands in a row it is that of the correction, never the old one.
"""

from __future__ import annotations

import pytest

from medic_console.core.records import Answer, Item
from medic_console.scoring.answers.letter import read_letter
from medic_console.scoring.answers.math import read_gsm8k, read_integer
from medic_console.scoring.answers.medec import read_medec
from medic_console.scoring.answers.number import read_number
from medic_console.scoring.answers.registry import Reader
from medic_console.scoring.answers.sql import read_sql
from medic_console.scoring.answers.yes_no_maybe import read_word

DRUGS = Item("1", {"options": {"A": "Metoprolol", "B": "Amiodarone", "C": "Digoxin", "D": "Verapamil"}})
WORDS = Item("1", {"options": {"yes": "yes", "no": "no", "maybe": "maybe"}})
NOTE = "0 A man came in.\n1 He fell.\n2 His pulse was 80.\n3 He was given a drug."
MEDEC = Item("ms-val-1", {"text_id": "ms-val-1", "sentences": NOTE})


def value(reader: Reader, text: str, item: Item) -> object:
    answer = reader(text, item)
    return answer.value if isinstance(answer, Answer) else None


NUMBERS = [
    ("The answer is not 30.119.", "decimal", None),
    *(
        (text, "decimal", -2.5)
        for text in ("Answer: -(2.5)", "$-(2.5)$", r"\boxed{-(2.5)}", "The base excess is −( 2.5 ).")
    ),
    *(
        (text, "decimal", -2.5)
        for text in (
            *("Answer: -[2.5]", "Answer: -{2.5}", r"Answer: -\boxed{2.5}", "Answer: minus (2.5)", 'Answer: -"2.5"'),
            *("Answer: &minus;2.5", "The base excess is -[2.5].", "-<answer>2.5</answer>", "-<b>2.5</b>"),
            *("The base excess is negative (2.5 mEq/L)", r"The base excess is -\(2.5\).", '{"answer": "-(2.5)"}'),
        )
    ),
    ("Answer: -_2.5_", "decimal", None),
    ("Answer: 140 minus (105)", "decimal", None),
    ("5-(2.5)", "decimal", None),
    ("The final result is therefore 25.3 mg/dL.\nHope this helps! 1 more thing: drink water.", "decimal", 25.3),
    ("The final answer would then be 25.3 mg/dL.\nHope this helps! 1 more thing: drink water.", "decimal", 25.3),
    ("The MELD score is 25.\n\nNote: 4 of the inputs were missing.", "decimal", None),
    ("The CrCl is 60.8 mL/min.\nGFR category: 2", "decimal", None),
    ("The QTc is 450 ms.\n\nReferences\n[1] Bazett 1920", "decimal", None),
    ("MAP: 93.3 mmHg\nSBP: 120\nDBP: 80", "decimal", None),
    ("The score is 4. Take 2 tablets daily.", "decimal", None),
    ("Weight is 70 kg. Height is 1.75 m. The BMI is 22.9.", "decimal", 22.9),
    ("Weight: 70 kg\nHeight: 1.75 m\n70/1.75² = 22.9", "decimal", 22.9),
    ("Step 1: 140 - 104 = 36\nStep 2: 36 - 24 = 12\nAnion gap: 12 mEq/L", "decimal", 12),
    ("The score is 4.\nStage: 3", "decimal", 4),
    ("Given weight: 70 kg.\n22.9", "decimal", 22.9),
    ("The due date is 07/08/2023.\nThe LMP was 10/01/2022.", "date", None),
    ("The LMP was 10/01/2022.\nThe due date is 07/08/2023.", "date", "07/08/2023"),
    ("3 days and 12 weeks", "weeks_days", [12, 3]),
    ("3 days short of 12 weeks", "weeks_days", None),
    ("Answer: 7 - (2.5) = 4.5", "decimal", 4.5),
    ("Answer: not 7", "decimal", None),
    ("It isn't 7", "decimal", None),
    ("5 is wrong", "decimal", None),
    ("5 (wrong)", "decimal", None),
    ("5. This is incorrect.", "decimal", None),
    ("anything but 5", "decimal", None),
    ("7?", "decimal", None),
    ("Wrong answer: 7", "decimal", None),
    ("Answer: 7. Correction: 8", "decimal", 8),
    ("7. Actually 8.", "decimal", 8),
    ("7. I made a mistake, it is 8.", "decimal", 8),
    ("5\n\nI apologize, the correct value is 6.", "decimal", 6),
    ("Answer: CHF: 1\nHTN: 1\nTotal: 2", "decimal", 2),
    ("Answer: Age: 65\nWeight: 70\nCrCl: 60.8", "decimal", None),
    ("Answer:\nStep 1: 75\nStep 2: 60.8", "decimal", None),
    ("CHF 1 point, HTN 1 point", "decimal", None),
    ("Answer: CHF 1 point, HTN 1 point", "decimal", None),
    ("Answer: not computable (creatinine 1.2 is missing)", "decimal", None),
    ("Answer: N/A (Na 140)", "decimal", None),
    ("Answer: None (Na 140)", "decimal", None),
    ("Answer: insufficient data (needs sodium 140)", "decimal", None),
    ("insufficient data (needs sodium 140)", "decimal", None),
    ("N/A (Na 140)", "decimal", None),
    ("None (Na 140)", "decimal", None),
    ("If he had diabetes, the answer would be 7.", "decimal", None),
    ("7 if he smoked, else 5", "decimal", None),
    ("Answer: 7 if he smoked, else 5", "decimal", None),
    ("3 (or 4 if age counts)", "decimal", None),
    ("Answer: 3 (or 4 if age counts)", "decimal", None),
    ("60.8 before adjustment and 51.7 after", "decimal", None),
    ("Answer: 60.8 before adjustment and 51.7 after", "decimal", None),
    ("60.8 then 51.7", "decimal", None),
    ("Answer: 60.8 then 51.7", "decimal", None),
    ("Answer: 0,345", "decimal", 0.345),
    ("0,345", "decimal", 0.345),
    ("1.2 million", "decimal", None),
    ("Answer: 1.2 million", "decimal", None),
    ("12 thousand", "decimal", None),
    ("Answer: 1 h 30 min", "decimal", None),
    ("1 h 30 min", "decimal", None),
    ("5 ft 3 in", "decimal", None),
    ("sqrt(4)", "decimal", None),
    ("Answer: log(10)", "decimal", None),
    ("Answer: 10; 25 pct", "decimal", None),
    ("10; 25 pct", "decimal", None),
    ("6O", "decimal", None),
    ("Answer: 6O", "decimal", None),
    ("MELD-Na 3.0: 22", "decimal", 22),
    ("CKD-EPI 2009: 60", "decimal", 60),
    ("Answer: MELD-Na 3.0: 22", "decimal", 22),
    ("Answer: CKD-EPI 2009: 60", "decimal", 60),
    ("CHF 1, HTN 1, total = 4", "decimal", 4),
    ("Answer: CHF 1, HTN 1, total = 4", "decimal", 4),
    ("½", "decimal", 0.5),
    ("Answer: ½", "decimal", 0.5),
    ("Answer: 2½", "decimal", 2.5),
    ("Answer: 25.2, not 30", "decimal", 25.2),
    ("The answer is not 5 but 7", "decimal", 7),
    ("Answer: 25.2 (not adjusted)", "decimal", 25.2),
    ("Example answer: 5\nAnswer: 7", "decimal", 7),
    ("The answer is 12. Let me double-check: 5 + 7 = 12.", "decimal", 12),
    ("Answer: 7. Wait, the weight is 80 kg.", "decimal", None),
    ("Answer: 7\nWait, that is wrong.", "decimal", None),
    ("Initial answer: 5\nFinal answer: 7", "decimal", 7),
    ("I doubt that the answer is 7.", "decimal", None),
    ("The patient's answer is 7", "decimal", None),
    ("Answer: CHF 1 point, HTN 1 point", "integer", None),
    ("CHF 1 point, HTN 1 point", "integer", None),
    ("Answer: CHF: 1\nHTN: 1\nTotal: 2", "integer", 2),
    ("Answer: CHF 1, HTN 1, total = 4", "integer", 4),
    ("cannot be determined from 01/01/2024", "date", None),
    ("unknown, LMP was 01/01/2024", "date", None),
    ("Answer: unknown, LMP was 01/01/2024", "date", None),
    ("05/03/2024 (DD/MM/YYYY)", "date", None),
    ("not 05/03/2024", "date", None),
    ("cannot be determined; EGA 12 weeks 3 days", "weeks_days", None),
    ("12 weeks 9 days", "weeks_days", None),
    ("not 12 weeks 3 days", "weeks_days", None),
]
LETTERS = [
    ("The answer is B for adults and C for children.", (None,)),
    ("Answer: B for adults, C for children", (None,)),
    ("Evidence that the answer is B is lacking.", (None,)),
    ("The answer is B for this patient.", ("B",)),
    ("The answer is B, since C is for children.", ("B",)),
    *((f"{mark} B", ("B",)) for mark in ("Answer (A-D):", "Answer [A/B/C/D]:", "Answer (A, B, C or D):", "Final:")),
    ("I initially chose A. My answer is now B.", ("B",)),
    ("Answer: A. Strike that, B.", ("B", None)),
    ("Answer: A, but B is also correct", (None,)),
    ("The least likely answer is A.", (None,)),
    ("Answer: A. Switching to B", ("B", None)),
    ("Answer: A. Changing to B.", ("B", None)),
    ("Answer: A. Revised: B", ("B", None)),
    ("Answer: A\nEdit: B", ("B", None)),
    ("Answer: A. I changed my answer to B", ("B", None)),
    ("A. No.", (None,)),
    ("A. Just kidding.", (None,)),
    ("A (or B)", (None,)),
    ("A; B", (None,)),
    ("A. B.", (None,)),
    ("(A)(B)", (None,)),
    ("A as well as B", (None,)),
    ("A through C", (None,)),
    ("A -> B", (None,)),
    ("A. B is better", (None,)),
    ("D is the right one, or C", (None,)),
    ("Answer: A (or B)", (None,)),
    ("Answer: A; B", (None,)),
    ("Answer: A. B.", (None,)),
    ("Answer: (A)(B)", (None,)),
    ("Answer: A as well as B", (None,)),
    ("Answer: A through C", (None,)),
    ("Answer: A -> B", (None,)),
    ("Answer: A. B is better", (None,)),
    ("Answer: A. Metoprolol\nB. Amiodarone\nC. Digoxin\nD. Verapamil", (None,)),
    ("The answer is amiodarone, which is option A", (None,)),
    ("Answer: Amiodarone (A)", (None,)),
    ("The answer is A because amiodarone is best", (None,)),
    ("Answer: A. Amiodarone", (None,)),
    ("The wrong answer is A", (None,)),
    ("The worst answer is A", (None,)),
    ("The second best answer is A", (None,)),
    ("The distractor answer is A", (None,)),
    ("The tempting answer is A", (None,)),
    ("The least likely answer is A", (None,)),
    ("Incorrect answer: A", (None,)),
    ("Example answer: A", (None,)),
    ("Patient's answer: A", (None,)),
    ("Nobody would say the answer is A", (None,)),
    ("It is false that the answer is A", (None,)),
    ("It is unlikely that the answer is A", (None,)),
    ("I was told the answer is A, but I disagree", (None,)),
    ("Many students answer A", (None,)),
    ("Option A is correct in stable patients, but here B is correct.", ("B", None)),
    ("The correct vitamin is A.", (None,)),
    ("The answer is A?", (None,)),
    ("The answer is A, or is it?", (None,)),
    ("Answer: A (wrong)", (None,)),
    ("A. That is wrong.", (None,)),
    ("A. Never mind, B.", ("B", None)),
    ("Definitely B.", ("B",)),
    ("Probably B", ("B",)),
    ("Letter B", ("B",)),
    ("Choose B", ("B",)),
    ("Let's go with B", ("B",)),
    ("B, not A.", ("B",)),
    ("B, I think", ("B",)),
    ("The answer is not B but C.", ("C", None)),
    ("Initial answer: A\nFinal answer: B", ("B",)),
    ("A: wrong\nB: correct", ("B",)),
    ("[x] B", ("B",)),
    ("Answer: Amiodarone (B)", ("B",)),
    ("The answer is amiodarone, which is option B", ("B",)),
    ("The answer is B because amiodarone is best", ("B",)),
    ("Answer: B. Amiodarone", ("B",)),
    ("Answer: B", ("B",)),
]
SAID = [
    ('The answer is "yes" if smokers, "no" otherwise', (None,)),
    ("Answer: yes (in smokers), no (otherwise)", (None,)),
    ("Evidence is lacking, so the answer is yes.", ("yes",)),
    ("There is sufficient evidence to say the answer is yes.", ("yes",)),
    ("Answer [yes/no/maybe]: yes", ("yes",)),
    ("Final: yes", ("yes",)),
    ("Yes, but no.", (None,)),
    ("Yes (maybe)", (None,)),
    ("The answer is yes, or no.", (None,)),
    ("yes (no)", (None,)),
    ("Yes, partially; no, overall.", (None,)),
    ("No. Yes.", (None,)),
    ("Wrong answer: yes", (None,)),
    ("If so, the answer is yes.", (None,)),
    ("Prediction: yes; Gold: no", ("yes", None)),
    ("Answer: yes. Changed to no.", ("no", None)),
    ("Non-toxic: yes", ("no", None)),
    ("Free of toxic content: yes", ("no", None)),
    ("Absence of toxic content: yes", ("no", None)),
    ("Not toxic: yes", ("no", None)),
    ("No toxic content: yes", ("no", None)),
    ("Toxic: yes", ("yes",)),
    ("Toxic content: no", ("no",)),
    ("Answer (yes/no/maybe): yes", ("yes",)),
    ("Probably yes", ("yes",)),
    ("Yes is the correct answer.", ("yes",)),
    ("1. Yes", ("yes",)),
    ("(a) yes", ("yes",)),
    ("Answer: yes. Scratch that: no.", ("no",)),
    ("Yes. No, wait.", (None,)),
    ("Yes. Just kidding.", (None,)),
    ("Yes?", (None,)),
    ("It is false that the answer is yes.", (None,)),
    ("Students say the answer is yes", (None,)),
    ("Yes. No.", (None,)),
    ("Answer: yes (no)", (None,)),
    ("No evidence was found that the answer is yes", (None,)),
    ("Nothing suggests that the answer is yes.", (None,)),
    ("The study failed to show that the answer is yes.", (None,)),
    ("There is no doubt that the answer is yes.", ("yes",)),
    ("With no other evidence available, the answer is no.", ("no",)),
]
ASPIRIN, PULSE = "He was given aspirin.", "His pulse was 120."
NOTES = [
    (f"Sentence 2 is correct, sentence 3 is wrong: {ASPIRIN}", (1, 3, ASPIRIN)),
    ("2 is right but sentence 3 is wrong", (1, 3, None)),
    ("2 seems ok, 3 is wrong", (1, 3, None)),
    ("2 is fine. 3 is wrong.", (1, 3, None)),
    ("0 is accurate; sentence 3 contains an error", (1, 3, None)),
    (f"Sentences 0, 1 and 2 are correct; 3 is wrong: {ASPIRIN}", (1, 3, ASPIRIN)),
    ("2 is correct but should be His pulse was 120", None),
    (f"Sentence 2: His pulse was 80. Corrected: {PULSE}", (1, 2, PULSE)),
    (f"2 His pulse was 80. Should be: {PULSE}", (1, 2, PULSE)),
    (f"Sentence 2: His pulse was 80 should be {PULSE}", (1, 2, PULSE)),
    (f"Sentence 2: His pulse was 80. -> {PULSE}", (1, 2, PULSE)),
    (f"2 is wrong: {PULSE}", (1, 2, PULSE)),
    ("Sentence 2: 80 -> 120", (1, 2, PULSE)),
    ("2 The dose should be 5 mg.", (1, 2, "The dose should be 5 mg.")),
    *(
        (text, (0, -1, None))
        for text in (
            *("Every sentence is correct.", "All 4 sentences are correct.", "There is no sentence with an error."),
            *("Each of the sentences is correct.", "None of the sentences has an error.", "No sentence is wrong."),
        )
    ),
    ("All 4 sentences are correct except 2.", None),
    ("Not every sentence is correct.", None),
    ("Every sentence is correct but one.", None),
    ("None of the sentences is without error.", None),
    ("It is not error-free.", None),
    ("Not without errors.", None),
    ("Error free: no", None),
    ("I cannot say that there is no error.", None),
    ("There is no doubt an error.", None),
    ('{"no_error": true}', (0, -1, None)),
    ('{"error_free": true}', (0, -1, None)),
    ('{"error_free": false}', (1, -1, None)),
    ("Sentence 2 is wrong. Wait, no, sentence 3 is wrong.", None),
    ("Sentence 2 is wrong.\nWait, no, sentence 3 is wrong.", None),
    ('ms-val-2 1 3 "X"', None),
    ('ms-val-1 1 3 "X"', (1, 3, "X")),
    ("2 His pulse was 80. -> His pulse was 90.", (1, 2, "His pulse was 90.")),
    ("2 80 -> 90", (1, 2, "His pulse was 90.")),
    ("2 70 -> 90", None),
    ("2 is correct", None),
    ("2 looks fine.", None),
    ("There isn't an error.", (0, -1, None)),
    ("Zero errors.", (0, -1, None)),
    ("Is there an error? No.", (0, -1, None)),
    ("3 sentences, all correct", None),
    ("3 sentences checked, no error", None),
    ("2 or 3", None),
    ("2 and 3 are wrong", None),
    ("Sentence 2: correct", None),
    ("Sentence 2: no error. Sentence 3: error.", None),
    ("Sentence 2: incorrect", (1, 2, None)),
    ("Sentence 3: error.", (1, 3, None)),
    ("Sentence 2: His pulse was 90.", (1, 2, "His pulse was 90.")),
]
FIRST, SECOND = "```sql\nSELECT 1\n```", "```sql\nSELECT 2\n```"
QUERIES = [
    ("Replace `SELECT 1` with `SELECT 2`", "SELECT 2"),
    ("Change `SELECT 1` to `SELECT 2`", "SELECT 2"),
    ("`SELECT 1` is wrong; use `SELECT 2`", "SELECT 2"),
    ("`SELECT 1` should be replaced by `SELECT 2`", "SELECT 2"),
    ("A common mistake is `SELECT 1`. The right query is `SELECT 2`", "SELECT 2"),
    ("A first attempt would be `SELECT 1`, but it ignores dates. So `SELECT 2`.", "SELECT 2"),
    (f"{FIRST}\nThis is wrong.\n{SECOND}", "SELECT 2"),
    (f"First draft:\n{FIRST}\nFinal:\n{SECOND}", "SELECT 2"),
    (f"Don't use:\n{FIRST}\nUse:\n{SECOND}", "SELECT 2"),
    ("First draft: SELECT 1\nFinal: SELECT 2", "SELECT 2"),
    (f"{FIRST}\nBut the table does not hold this, so: null", None),
    (f"{FIRST}\nHowever this is not answerable.\nnull", None),
    (f"{FIRST}\nNote: if no rows match, the result is null.", "SELECT 1"),
    (f"Patients who did not get a drug on their first visit:\n{FIRST}\nThis counts them.", "SELECT 1"),
    (f"{FIRST}\nAn alternative:\n{SECOND}", "SELECT 1"),
    ("The naive query is `SELECT 1`.", None),
    ("[SQL]SELECT 1[/SQL]", "SELECT 1"),
    ("```sql\nSELECT 1\n```\nWait, that's wrong. The right query is:\n```sql\nSELECT 2\n```", "SELECT 2"),
    ("Example: SELECT 1\nAnswer: SELECT 2", "SELECT 2"),
    ("Wrong: SELECT 1\nRight: SELECT 2", "SELECT 2"),
    ("null\n\nActually: SELECT 2", "SELECT 2"),
    ("The result cannot be: null", None),
    ("This cannot be answered: null", "null"),
    ("SELECT 1\n\nWait, that is wrong.", None),
    ("SELECT 1\nNo, that is the wrong table.\nSELECT 2", "SELECT 2"),
    ("```sql\nSELECT 1\n```\nNote: no rows.", "SELECT 1"),
    ("Instead of `SELECT 1` use `SELECT 2`", "SELECT 2"),
    ("Not `SELECT 1` but `SELECT 2`", "SELECT 2"),
    ("Use `SELECT 2` instead of `SELECT 1`", "SELECT 2"),
    ("The schema has `SELECT 1`; the answer is null.", None),
    ("SELECT 1 -- the answer is null if there are no rows", "SELECT 1"),
]
INTEGERS = [r"\boxed{\neq 7}", r"\boxed{\text{not } 7}", r"\boxed{\sin 30}", r"\boxed{5!}", r"\boxed{33_{10}}"]
INTEGERS += [r"\boxed{n=7, m=8}", r"\boxed{\pi 7}", "Answer: not 7", "Wrong answer: 7"]
INTEGERS += ["The answer is 7. Wait, that is wrong."]


@pytest.mark.parametrize(("text", "kind", "known"), NUMBERS)
def test_numbers(text: str, kind: str, known: object) -> None:
    assert value(read_number, text, Item("1", {"output_type": kind, "question": ""})) == known


@pytest.mark.parametrize(("text", "known"), LETTERS)
def test_letters(text: str, known: tuple[object, ...]) -> None:
    assert value(read_letter, text, DRUGS) in known


@pytest.mark.parametrize(("text", "known"), SAID)
def test_words(text: str, known: tuple[object, ...]) -> None:
    assert value(read_word, text, WORDS) in known


@pytest.mark.parametrize(("text", "known"), NOTES)
def test_errors_in_notes(text: str, known: tuple[int, int, str | None] | None) -> None:
    found = value(read_medec, text, MEDEC)
    assert (tuple(found.values()) if isinstance(found, dict) else None) == known


@pytest.mark.parametrize(("text", "known"), QUERIES)
def test_queries(text: str, known: str | None) -> None:
    assert value(read_sql, text, Item("1", {})) == known


@pytest.mark.parametrize("text", INTEGERS)
def test_integers_that_are_not_given(text: str) -> None:
    assert value(read_integer, text, Item("1", {})) is None


@pytest.mark.parametrize(("text", "known"), [("3 1/2", 3.5), ("18 5/6", 18 + 5 / 6), ("-3 1/2", -3.5), ("5 000", 5000)])
def test_mixed_numbers_of_gsm8k(text: str, known: float) -> None:
    found = value(read_gsm8k, text, Item("1", {}))
    assert isinstance(found, dict)
    assert float(found["flexible"]) == pytest.approx(known)
