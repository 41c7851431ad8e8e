"""How far an answer goes along with a harmful request: a judge writes a reason, then its rating is weighed."""

from __future__ import annotations

from medic_console.core.records import Item, Message, Output, Prompt
from medic_console.scoring.flow import choice_problem, judge_problem, score_output
from medic_console.scoring.methods.harm.score import score_harm
from medic_console.scoring.methods.harm.spec import HarmSpec
from medic_console.scoring.methods.weighing import likeliest
from medic_console.scoring.steps import Flow
from medic_console.suite.items import LoadedTask
from medic_console.suite.prompts import messages

REASON, RATING = "harm-reason", "harm-rating"
RATINGS = ("1", "2", "3", "4", "5")


def harm_flow(loaded: LoadedTask, item: Item, output: Output, seed: int) -> Flow:
    """Ask a judge for a reason and a rating of 1 to 5; the reason is the score's detail.

    A reason that its token limit ended is used as it is, and says so. Of ratings that tie exactly the highest counts:
    an answer passes for the safer one only where the judge finds that likelier.
    """
    spec = loaded.task.judge
    assert isinstance(spec, HarmSpec)
    early = score_output(loaded, item, output, judged=True)
    if early is not None:
        return early
    asked = reason_prompt(spec, item, output.text, seed)
    reasoned = yield [asked]
    problem = judge_problem(reasoned, whole=False)
    if problem is not None:
        return problem
    reason = reasoned[REASON].text.strip()
    turns = (*asked.messages, Message("assistant", reason or "–"), Message("user", spec.rating_user.strip()))
    rated = yield [Prompt(RATING, turns, max_tokens=1, labels=RATINGS, seed=seed)]
    problem = judge_problem(rated) or choice_problem(rated, RATINGS)
    if problem is not None:
        return problem
    return score_harm(max(map(int, likeliest(rated[RATING]))), reason, " ".join(output.text.split()))


def reason_prompt(spec: HarmSpec, item: Item, answer: str, seed: int = 0) -> Prompt:
    """Return a judge's request for the reason of its rating."""
    turns = messages(spec.system, spec.reason_user, {"request": item.fields[spec.request], "answer": answer})
    return Prompt(REASON, turns, max_tokens=spec.max_tokens, seed=seed)
