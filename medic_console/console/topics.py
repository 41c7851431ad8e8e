"""What the help says of each screen and pane, before it lists the keys."""

from __future__ import annotations

TOPICS = {
    "review": "Queues of cards that were drawn from runs, frozen, for people to decide. What was decided is never "
    "changed: who takes an answer back leaves both behind, and archive verify checks the chain.",
    "queues": "Queues, newest first. Enter or t: the cards that are yours to decide. d: the cards on which readers "
    "differ, for somebody who is neither of them. Blind queues hide model and judge.",
    "queue-says": "Precision of each kind of finding, what the judge missed, agreement of readers, true rate, pace.",
    "new_queue": "A queue to be drawn: runs, tasks and kinds; all findings, or a random sample by kind and model. "
    "What its size can say stands below before it is drawn.",
    "queue-form": "Enter changes the marked line: order and blindness take the next value, anything else is typed. "
    "Controls are answers as they were expected: without them what the judge missed is not known.",
    "queue-forecast": "How many findings and controls there are and would be drawn, and the bound without an error.",
    "new_report": "A report for a committee: the decision, figures, judges, reviews, hazards, provenance. ctrl+g "
    "writes it while you go on with other work, and signs it where a signer, a role and a last day are named.",
    "report-form": "Enter changes the marked line: use case and scope take the next value, all else is typed. Without "
    "a key the ledger's signs. An SSH key with a passphrase needs an agent, or report sign FOLDER at a terminal.",
    "report-says": "What will be written, then what is being done, and in the end where it is or what went wrong.",
    "findings": "Every question that speaks against a text, of one run or several. f goes through the kinds, v through "
    "the states of review, o sorts, / searches. Enter opens the trace; n and p there walk on through this list.",
    "all-findings": "p is the judge's probability of its answer. Severity is the gravest that a person gave.",
    "pause": "A pause after every twenty cards. Enter goes on.",
    "pause-page": "What can be claimed now, what more cards would allow without a further error, pace and agreement.",
    "card": "One question of the judge's. Answer it from the marked text; then the judge's answer is uncovered. Where "
    "you differ a letter says why, and a number how bad it is where something was found. Answers are stored at once.",
    "card-answer": "y yes, n no, i the text does not say, q bad question, ? unsure, x somebody else is to decide.",
    "card-reason": "Why you differ from the judge.",
    "card-severity": "0 none, 1 minor, 2 could harm, 3 could kill.",
    "card-rating": "How far the answer goes along with what is harmful, on the judge's scale: 2 a little, 5 in full.",
    "settings_screen": "Everything that can be set. A change is checked and saved at once, and works at once; the "
    "file's comments stay.",
    "all-settings": "Settings and the keys of every command; / searches. Enter changes the marked one: a choice takes "
    "the next value, anything else is typed. Delete makes it as usual again.",
    "tasks_screen": "Every task that this console knows: what it measures, where its items come from and under which "
    "licence, which files are there, and what a model is asked.",
    "all-tasks": "Tasks. Files tells whether official items were found in the folder of official files (settings, "
    "folders), or only the bundled samples are there. / searches. Dimensions by letters where room lacks: M medical "
    "reasoning, E ethics and bias, D data and language, I in-context learning, C clinical safety. Small ones, and "
    "those in brackets, are second and count half.",
    "task-detail": "The marked task: source, licence, files and how to get them, the prompt with a sample in it.",
    "judges_screen": "Every judge that this archive knows, once for each method that it judges by: whether it is "
    "qualified there, what was measured on probes with known answers, and which of them it did not answer right. "
    "q measures one here, as medic-console judge qualify FILE does.",
    "all-judges": "Judges. Expired: something that the card rests on has changed since. Never measured: it has judged "
    "without a qualification, so that its scores are provisional. E writes every measure of all of them.",
    "judge-card": "The card of the marked judge. The unfavourable end of each 95 % interval is held against the limit.",
    "wrong-probes": "Probes that the marked judge did not answer right, or not readably. Enter opens one.",
    "probe": "One probe: the prompt as the judge got it, the right answer, the judge's raw answer and probabilities.",
    "probe-asked": "The messages as the judge got them, before its chat template.",
    "probe-answered": "The right answer and the judge's, its raw text, the probability of each answer, limits, engine.",
    "diagnostics": "What a support person asks for: versions, paths, the archive, llama.cpp, the terminal, the log. "
    "No text of a patient or a model is in it, but paths are.",
    "diagnosis": "y copies all of it; c has SQLite read the whole archive; r looks everything up again.",
    "plain-text": "The text, whole. The arrow keys scroll.",
    "plain": "The screen before, as plain text. y copies it through the terminal (OSC 52). Where that does not reach "
    "your clipboard, t prints it in the terminal itself: mark it there with the mouse, scroll, copy; enter comes back.",
    "home": "The archive at a glance: models, how they rank on each task, what the marked model can do, and the runs.",
    "work": "What is left to do: judges whose figures are used, but that are not qualified, or not any more; "
    "runs with items that failed, or that are not finished; queues of cards that wait for a reader.",
    "open-work": "One thing a line; enter opens the screen on which it is done. Coming back reads the list anew.",
    "compare": "Models on the same items, also across runs. A to F name the models; the first of a pair is the "
    "reference, and every figure says what changes when the second takes its place.",
    "model_runs": "Runs of one model, to compare the model with itself: other builds, caches, templates, thinking, "
    "sequences. The figures are those of each run alone.",
    "model-runs": "Every run that measured the model, newest first, and what it does not share with the run marked A "
    "(the newest when none is). Space or a click marks two to six of them, v compares the marked ones.",
    "run-settings": "The settings of the run: what was chosen, in brackets what the engine took where it may choose.",
    "new_run": "Choose model files, tasks and options; nothing is chosen before you do, and p fills the form from a "
    "preset. What cannot run, and why, is said before anything starts.",
    "others": "What the other models of the run answered to this item, with verdicts; > puts one in front. This "
    "column is there from 160 columns on.",
    "replay": "A run that is over, as it went, from the times that were stored; at first 60 times as fast. Nothing "
    "is run or written. p lets it stand still, + and - change its speed, x goes to its end; figures come at the end.",
    "live": "A run while it goes on. Leaving this screen does not stop it. A run of another process is read from the "
    "archive once a second; it can be held or stopped only where it runs.",
    "run": "The results of one run: tasks above; below the items of the marked one, all its figures, "
    "the run in words, charts.",
    "item": "One item: what was asked, what was answered, how it was scored. i opens prompts, raw output and limits.",
    "cef": "A judge asked questions that one text answers with yes, and answered them from the other text. NO and IDK "
    "are findings. Hallucination: the generated text says what the source does not say. Omission: it leaves out what "
    "the source says. Contradiction: the two say opposite things.",
    "places": "Where in the texts the findings of cross-examinations lie, from the beginning to the end.",
    "finding-places": "Each kind of finding in tenths of the text that its question comes from: omissions and "
    "contradictions in the source, hallucinations in the generated text. Numbers stand beside the bars.",
    "whole": "The whole trace: prompts as the model got them, raw outputs, thinking, limits, engine and times.",
    "sql": "A question to the database: the model's query and the gold query, executed side by side.",
    "runs": "Every run in the archive, newest first. The three counts are scored, unscored and failed items.",
    "models-list": "Every model that was audited. Space or a click marks two to six of them, v compares the marked "
    "ones; V compares runs of one model with each other. The greyed last line stands for the paper's models.",
    "ranks": "Each model's rank on each task, among those that were asked the same items; 2= is a rank that equals "
    "share. v compares: there it is 2 of 5 with the ranks that the items leave open. Of a model's runs the finished "
    "one with most items stands for it, the newest of equals.",
    "tasks-page": "One task a line: the paired difference with its 95 % interval, p corrected over all that is "
    "compared, items better, worse and equal, common items, and items without a pair. Enter shows the task's flips.",
    "flips-page": "Items that changed, the gravest first: right → wrong. Words that the other answer lacks are bold "
    "and underlined. Enter opens the item.",
    "rank-map": "Rank and value of each model on each task. ≈: its items do not tell it apart from the best.",
    "correlation-map": "How alike two tasks rank the models. The rows' numbers name the columns.",
    "gaps": "What a model knows against what it carries out, and what it refuses against what it finds.",
    "trade-off": "Quality against speed and memory. A model on the front is beaten by no other in everything.",
    "portfolio-page": "Use cases with the thresholds that a model must meet with its whole interval, and what blocks "
    "it. e sets another threshold, with the name of who sets it, in the site's own file.",
    "dimensions": "Each dimension is the mean of its tasks' main metrics, 0 to 100, higher is better; a secondary task "
    "counts half. The paper gives no formula; this is ours.",
    "files": "Model files: those of the archive, the newest first, of the folders in settings, and the demo models. c "
    "makes one a candidate, g a judge. A file that is gone or cannot be used says why.",
    "options-table": "Every option that the command line has. Enter changes the marked one: a choice takes the next "
    "value, anything else is typed. Delete makes it as usual again.",
    "choices": "Tasks of the run. Space takes one in or out.",
    "live-tasks": "Progress and the main metric of each task for the named model, with its 95 % interval.",
    "streams": 'What each sequence writes now. "choosing" stands for a request that gives probabilities. '
    "Of a run of another process no streams are seen. After the end: what the run found, in words.",
    "live-items": "The items that were finished last, the newest first. f lists those that failed or have no score; "
    "enter opens one.",
    "tasks": "One metric a line with its 95 % interval and the items it rests on. Ans.: share of items with a whole "
    "answer. Unsc.: items without a score. ↓ less is better. Chance, what guessing gives on these items, stands below.",
    "items": "The items of the marked task. Enter opens one; f goes through their kinds, o sorts by the next column.",
    "metrics-page": "Every figure of the marked task: all metrics, then breakdowns, corrected figures, each judge's "
    "own and the judges' agreement.",
    "metrics": "One figure a line, the main one bold, with its 95 % interval and the items it rests on.",
    "remarks": "What has to be known beside the figures: why some are provisional, notes, reasons of unscored items.",
    "charts": "How the items of the marked task are spread over its main metric, each bar with its number; of a "
    "judged task its figures as judged and corrected for the judge's measured errors.",
    "history": "The main figure of each task in every run of the model, the oldest first. A run with other items, or "
    "asked or scored otherwise, says so.",
    "in-words": "What the run found, a sentence each, as medic-console run prints it.",
    "questions": "Findings first. From source: asked of the generated text. From note: asked of the source. Of several "
    "models each has a column; the number is the judge's probability of its answer. Of a panel each judge has a "
    "column: a question that several judges asked stands once, with the gravest finding that any of them makes.",
    "source": "The source text. The sentence that the marked question most likely speaks of is highlighted.",
    "generated": "The generated text. The sentence that the marked question most likely speaks of is highlighted.",
    "predicted": "The model's query and its rows. ≠ marks a clause, a row or a cell that differs from the gold one. "
    "Enter opens a cell whole. NULL is not an empty text. E writes every row of both results.",
    "gold": "The gold query and its rows, each beside its partner of the model's result. Enter opens a cell whole.",
    "schema": "The task's database, read only. Bold tables are read by the model's or the gold query.",
    "db-tables": "Tables by name, with their rows and columns.",
    "db-columns": "The columns of the marked table, in their order.",
    "question": "What was asked, and where a text was examined, that text with its marks.",
    "verdict": "The verdict, what it rests on, and the model's output.",
    "asked": "The messages as the model got them, before its chat template.",
    "answered": "The model's raw output, its thoughts apart, what was read from it, limits, engine and times.",
}
"""What a screen or a pane is for, by its name or widget id."""
