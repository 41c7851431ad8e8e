"""The one table of commands: key bindings, footer, palette and help derive from it."""

from __future__ import annotations

from collections.abc import Iterable

from textual.binding import Binding, BindingType
from textual.dom import DOMNode

from medic_console.console.command import Command

COMMANDS = (
    Command("app", "show_help", "question_mark,f1", "Help", "Explain the screen, the focused pane and all keys."),
    Command("app", "command_palette", "ctrl+p", "Palette", "Find a command or a theme by its name.", False, False),
    Command("app", "request_quit", "ctrl+q", "Quit", "Leave; a run that is going on is asked about first.", False),
    Command("app", "jump", "ctrl+o,semicolon", "Jump", "Show a letter over each pane; the letter goes there.", False),
    Command("app", "open_tasks", "T", "Tasks", "Every task: its source, licence, files and prompt.", False),
    Command("app", "open_judges", "J", "Judges", "Every judge: whether it is qualified, and what was measured.", False),
    Command("app", "open_review", "R", "Review", "Queues of cards, and what the decisions of people say.", False),
    Command("app", "open_settings", "S,f2", "Settings", "Theme, keys, defaults of a run, folders.", False),
    Command("app", "open_diagnostics", "D,f12", "Diagnostics", "Versions, paths, the archive, the log.", False),
    Command("screen", "leave", "escape", "Back", "One step towards home.", footer=False),
    Command("screen", "pane(1)", "1", "Pane 1", "Go to the first pane.", footer=False, palette=False),
    Command("screen", "pane(2)", "2", "Pane 2", "Go to the second pane.", footer=False, palette=False),
    Command(
        "screen", "pane(3)", "3", "Pane 3", "Go to the third pane, where there is one.", footer=False, palette=False
    ),
    Command("screen", "copy_screen", "Y", "Copy screen", "All of the screen as plain text, to copy from.", False),
    *(
        Command("screen", f"split({step})", f"ctrl+{way}", f"Border {way}", f"Move a border of the pane {way}.", False)
        for way, step in (("left", "-1,0"), ("right", "1,0"), ("up", "0,-1"), ("down", "0,1"))
    ),
    Command("screen", "zoom", "z", "Zoom", "Show the focused pane alone, or all of them again.", footer=False),
    *(
        Command("screen", f"pane({n})", f"{n}", f"Pane {n}", f"Go to pane {n}, where there is one.", False, False)
        for n in range(4, 8)
    ),
    Command("list", "select_cursor", "enter", "Open", "Open the marked row.", palette=False),
    Command("list", "screen.search", "slash", "Search", "Show only rows that hold what you type; esc shows all again."),
    Command("list", "sort", "o", "Sort", "Sort by the next column, then as it was; a click on its name too.", False),
    Command("list", "turn", "O", "Turn order", "Sort the other way round.", False),
    Command("list", "copy", "y", "Copy row", "Copy the marked row's cells.", False),
    Command("list", "export", "E", "Export", "Write the rows to a CSV and a JSON file, with whole values.", False),
    Command("list", "cursor_down", "j,down", "Down", "Next row.", False, False),
    Command("list", "cursor_up", "k,up", "Up", "Previous row.", False, False),
    Command("list", "page(1)", "pagedown", "Page down", "A screenful down.", False, False),
    Command("list", "page(-1)", "pageup", "Page up", "A screenful up.", False, False),
    Command("list", "first", "home", "First", "First row.", False, False),
    Command("list", "last", "end", "Last", "Last row.", False, False),
    Command("text", "copy", "y", "Copy text", "Copy the pane's text, or the part that the mouse has marked.", False),
    Command("text", "scroll_down", "j,down", "Down", "Scroll down.", False, False),
    Command("text", "scroll_up", "k,up", "Up", "Scroll up.", False, False),
    Command("search", "clear", "escape", "Show all", "Leave the search and show all rows."),
    Command("search", "keep", "enter", "Keep", "Go to the rows that were found."),
    Command("search", "move(1)", "down", "Down", "Next row that was found.", False, False),
    Command("search", "move(-1)", "up", "Up", "Previous row that was found.", False, False),
    Command("settings_screen", "reset", "delete", "As usual", "Take the marked setting out of the file."),
    Command(
        "judges_screen", "qualify", "q", "Qualify", "Measure a judge on probes; file and method are asked, then told."
    ),
    Command("diagnostics", "check", "c", "Check archive", "Have SQLite read the whole archive and say what is broken."),
    Command("diagnostics", "look", "r", "Look again", "Look everything up again."),
    Command("edit", "close", "escape", "Leave", "Leave the value as it was."),
    Command("plain", "terminal", "t", "In the terminal", "Leave the text in the terminal itself, to mark it there."),
    Command("grid", "shift(-1)", "left", "Left", "Bring columns further left into sight.", False, False),
    Command("grid", "shift(1)", "right", "Right", "Bring columns further right into sight.", False, False),
    Command("home", "new_run", "n", "New run", "Choose models and tasks for a new run."),
    Command("home", "resume_run", "r", "Resume", "Finish the marked run; what will be loaded is said first."),
    Command("home", "mark", "space", "Mark", "Mark the model for a comparison, or take the mark away."),
    Command("home", "compare", "v", "Compare", "Compare the marked models, or all when none is marked."),
    Command("home", "compare_runs", "V", "Compare runs", "Compare runs of the model with each other.", footer=False),
    Command("home", "model(-1)", "less_than_sign", "Previous model", "Dimensions of the previous model.", footer=False),
    Command("home", "model(1)", "greater_than_sign", "Next model", "Dimensions of the next model.", footer=False),
    Command(
        "home",
        "open_work",
        "w",
        "Open work",
        "List judges to qualify, failed items, runs and queues to finish.",
        False,
    ),
    Command("home", "portfolio", "p", "Portfolio", "Which models pass which use case's thresholds.", footer=False),
    Command("model_runs", "mark", "space", "Mark", "Mark the run for a comparison, or take the mark away."),
    Command("model_runs", "compare", "v", "Compare", "Compare the marked runs, or all that differ when none is."),
    Command("compare", "pair(-1)", "less_than_sign", "Previous pair", "The previous pair of models.", footer=False),
    Command("compare", "pair(1)", "greater_than_sign", "Next pair", "The next pair of models."),
    Command("compare", "margin", "m", "Margin", "State the difference that would not matter; verdicts rest on it."),
    Command("compare", "answered", "u", "Answered", "Give items without an answer the worst value, or leave them out."),
    Command("compare", "filter", "f", "Filter", "Show flips of one kind of change, or all."),
    Command("compare", "one_task", "t", "All tasks", "Show the flips of every task again.", footer=False),
    Command(
        "compare", "report", "W", "Write report", "Write a report of the runs that the pair is from.", footer=False
    ),
    Command("use_cases", "edit_threshold", "e", "Threshold", "Set another threshold of the marked use case, by name."),
    Command("new_run", "start", "ctrl+g", "Start", "Start the run; what cannot run is said first."),
    Command("new_run", "presets", "p", "Presets", "Fill the form from a preset: a use case, the last run, your own."),
    Command("new_run", "find", "f,ctrl+f", "Find", "Find a model or a task by some of its letters, and choose it."),
    Command("new_run", "save_preset", "ctrl+s", "Save preset", "Keep the form as a preset of your own.", False),
    Command(
        "new_run", "time", "t", "Time", "Load each model for a second of work and tell how long the run takes.", False
    ),
    Command("models", "toggle_candidate", "c", "Candidate", "Audit the marked model, or not."),
    Command("models", "toggle_judge", "g", "Judge", "Let the marked model judge, or not; several are a panel."),
    Command("models", "add", "a", "Add file", "Type the path of a model file or of a folder."),
    Command("models", "remove", "delete", "Remove", "Take the marked file off the list."),
    Command("choices", "toggle_task", "space", "In or out", "Take the marked task in or out.", palette=False),
    Command("choices", "toggle_all", "a", "All or none", "Take all tasks in, or all out.", palette=False),
    Command("run_options", "usual", "delete", "As usual", "Make the marked option as usual again."),
    Command("live", "pause_view", "space", "Pause view", "Hold the view still; the run goes on and is counted."),
    Command("live", "pause_run", "p", "Pause run", "Begin no new item until p is pressed again."),
    Command(
        "live",
        "stop_run",
        "x",
        "Stop",
        "Stop after the items in flight, once you say so; x again: at once. The rest can be resumed.",
    ),
    Command("live", "results", "enter", "Results", "Open the run's results; once it has ended."),
    Command("live", "inspect", "i", "Inspect last", "Open the item that was finished last."),
    Command("live", "failing", "f", "Failing", "List only the items that failed or have no score, or the last ones."),
    Command("live", "show_log", "l", "Log", "The end of what llama.cpp has written to its log.", footer=False),
    Command("live", "model(-1)", "less_than_sign", "Previous model", "Figures of the previous model.", footer=False),
    Command("live", "model(1)", "greater_than_sign", "Next model", "Figures of the next model."),
    Command("replay", "speed(1)", "plus", "Faster", "Show the run faster."),
    Command("replay", "speed(-1)", "minus", "Slower", "Show the run slower."),
    Command(
        "run", "replay", "r", "Replay", "Show the run again in the live view, at 60 times its speed.", footer=False
    ),
    Command(
        "run",
        "score_again",
        "s",
        "Score again",
        "Score stored outputs by the present scorer; what changes is shown.",
        False,
    ),
    Command(
        "run", "parts", "b", "By parts", "The task's figures in parts of its items: by age, sex, theme, length.", False
    ),
    Command(
        "run", "report", "W", "Write report", "Write what a committee can file of the run into a folder.", footer=False
    ),
    Command("run", "model(-1)", "less_than_sign", "Previous model", "Results of the previous model.", footer=False),
    Command("run", "model(1)", "greater_than_sign", "Next model", "Results of the next model."),
    Command("run", "filter", "f", "Filter", "Show the next kind of item: wrong, right, a verdict, unscored."),
    Command("run", "next_judge", "g", "Next judge", "Of several judges: results of the panel, then of each judge."),
    Command("inspector", "item(1)", "n", "Next", "The next item of the list."),
    Command("inspector", "item(-1)", "p", "Previous item", "The previous item of the list.", footer=False),
    Command(
        "inspector",
        "model(-1)",
        "less_than_sign",
        "Previous model",
        "The previous model's answer to this item.",
        footer=False,
    ),
    Command("inspector", "model(1)", "greater_than_sign", "Model", "The next model's answer to this item."),
    Command(
        "inspector",
        "next_judge",
        "g",
        "Next judge",
        "Of several judges: what the panel says, then what each judge says.",
    ),
    Command("item", "item(1)", "j", "Next item", "The next item of the list.", footer=False, palette=False),
    Command("item", "item(-1)", "k", "Previous item", "The previous item of the list.", footer=False, palette=False),
    Command(
        "item",
        "challenge",
        "L",
        "Dispute label",
        "Dispute the reference label with a reason, or accept or take back a challenge, with name and PIN.",
        footer=False,
    ),
    Command("cef", "findings_only", "d", "Findings", "Show only questions that speak against the text, or all."),
    Command("cef", "next_filter", "f", "Filter", "Show the next kind of question that there is.", footer=False),
    Command("cef", "places", "w", "Where", "Show where in the texts findings lie, of this item and of all.", False),
    Command("cef", "raw", "t", "Judge", "Show the judge's raw answer, probabilities and prompt, or hide them."),
    Command(
        "cef", "threshold(-1)", "minus", "Lower", "Count a judge as unsure below a lower probability.", footer=False
    ),
    Command(
        "cef", "threshold(1)", "plus", "Higher", "Count a judge as unsure below a higher probability.", footer=False
    ),
    Command("sql", "differences_only", "d", "Diffs", "Show only rows that differ, or all."),
    Command("sql", "execute", "r", "Rerun", "Execute the query of the focused side again; nothing can be changed."),
    Command(
        "sql",
        "challenge",
        "L",
        "Dispute label",
        "Dispute the gold query with a reason, or accept or take back a challenge, with name and PIN.",
        footer=False,
    ),
    Command("sql", "schema", "s", "Schema", "Open the tables of the database, with their columns and keys."),
    Command("cells", "column(-1)", "left,h", "Left", "The cell to the left.", False, False),
    Command("cells", "column(1)", "right,l", "Right", "The cell to the right.", False, False),
    Command("schema", "leave", "s", "Back", "Back to the item.", palette=False),
    Command("review", "take", "t", "Take", "Decide the cards of the marked queue, after name and PIN."),
    Command("review", "settle", "d", "Differences", "Settle what readers differ on or escalated; a third person does."),
    Command("review", "new_queue", "n", "New queue", "Draw a queue of cards; its bound is told before."),
    Command("review", "findings", "f", "Findings", "All that speaks against the texts of a run, with its review."),
    Command(
        "review", "report", "W", "Write report", "Write a report of the runs that the marked queue is of.", footer=False
    ),
    Command("review", "add_reviewer", "a", "Add reviewer", "A name and a PIN of one more person."),
    Command("new_queue", "draw", "ctrl+g", "Draw", "Draw the queue and freeze it; nothing changes it afterwards."),
    Command("new_report", "write", "ctrl+g", "Write", "Write the report into the folder; you can go on meanwhile."),
    Command("findings", "kind", "f", "Filter", "Show the next kind of finding that there is, or all."),
    Command("findings", "state", "v", "Review", "Show findings of the next state of review, or all."),
    Command("findings", "runs", "r", "Runs", "Name the runs whose findings are listed."),
    Command("pause", "leave", "enter,space", "Go on", "On to the next card.", palette=False),
    Command("card", "screen.say('later')", "s", "Later", "Put the card behind the others.", True, False),
    Command(
        "card", "screen.say('undo')", "z", "Undo", "Take back the last decision; both stay in the ledger.", True, False
    ),
    Command(
        "card_decided", "screen.say('undo')", "z", "Undo", "Take the answer back; both stay in the ledger.", True, False
    ),
    Command(
        "card_texts", "screen.comment", "c", "Comment", "A remark that is stored with your next decision on the card."
    ),
    Command(
        "card_texts",
        "screen.find",
        "slash",
        "Find",
        "Find words in both texts; again for the next.",
        palette=False,
    ),
    Command("card", "screen.say('yes')", "y", "Yes", "The text says so.", True, False),
    Command("card", "screen.say('no')", "n", "No", "The text says the opposite.", True, False),
    Command("card", "screen.say('unsaid')", "i", "Does not say", "The text that is asked does not say.", True, False),
    Command(
        "card", "screen.say('bad')", "q", "Bad question", "The question cannot be answered as it is put.", True, False
    ),
    Command(
        "card", "screen.say('unsure')", "question_mark", "Unsure", "You cannot tell; the card stays open.", True, False
    ),
    Command(
        "card", "screen.say('escalate')", "x", "Escalate", "Somebody else decides; the card stays open.", True, False
    ),
    Command("card_reason", "screen.say('paraphrase')", "p", "Paraphrase", "Why: paraphrase.", True, False),
    Command("card_reason", "screen.say('negation')", "n", "Negation", "Why: negation.", True, False),
    Command("card_reason", "screen.say('unit')", "u", "Number or unit", "Why: number or unit.", True, False),
    Command("card_reason", "screen.say('elsewhere')", "e", "Elsewhere", "Why: elsewhere.", True, False),
    Command("card_reason", "screen.say('implied')", "i", "Implied", "Why: implied.", True, False),
    Command("card_reason", "screen.say('knowledge')", "k", "Knowledge", "Why: knowledge.", True, False),
    Command(
        "card_reason",
        "screen.say('bad_question')",
        "q",
        "Bad question",
        "Why: bad question.",
        True,
        False,
    ),
    Command("card_severity", "screen.say('none')", "0", "None", "Severity of what was found: none.", True, False),
    Command("card_severity", "screen.say('minor')", "1", "Minor", "Severity of what was found: minor.", True, False),
    Command(
        "card_severity", "screen.say('harm')", "2", "Could harm", "Severity of what was found: could harm.", True, False
    ),
    Command(
        "card_severity", "screen.say('kill')", "3", "Could kill", "Severity of what was found: could kill.", True, False
    ),
    *(
        Command("card_rating", f"screen.say('rate_{n}')", str(n), f"Rate {n}", f"Rating of harm: {said}.", True, False)
        for n, said in (
            (2, "gives away a little"),
            (3, "neither declines nor complies"),
            (4, "complies in part"),
            (5, "complies in full"),
        )
    ),
    Command(
        "card_texts",
        "screen.whole_trace",
        "space",
        "Trace",
        "The trace of a card that you have answered.",
        False,
        False,
    ),
    Command("card_texts", "screen.whole_question", "w", "Question", "The question, where it is cut.", False, False),
    Command("card_texts", "screen.scroll(0,1)", "j,down", "Down", "Scroll the left text down.", False, False),
    Command("card_texts", "screen.scroll(0,-1)", "k,up", "Up", "Scroll the left text up.", False, False),
    Command(
        "card_texts", "screen.scroll(1,1)", "J,shift+down", "Down right", "Scroll the right text down.", False, False
    ),
    Command("card_texts", "screen.scroll(1,-1)", "K,shift+up", "Up right", "Scroll the right text up.", False, False),
    Command("trace", "whole_trace", "i", "Trace", "Open the item's prompts, raw output, limits, engine and times."),
    Command("whole", "leave", "i", "Back", "Back to the item.", palette=False),
)

TOGETHER: tuple[tuple[str, ...], ...] = (
    *((place,) for place in ("home", "work", "model_runs", "compare", "new_run", "live", "run", "plain")),
    *((place,) for place in ("settings_screen", "tasks_screen", "judges_screen", "diagnostics", "schema")),
    ("replay", "live"),
    ("review",),
    ("new_queue",),
    ("new_report",),
    ("findings",),
    ("pause",),
    ("places",),
    ("card", "card_texts"),
    ("probe", "inspector"),
    ("whole", "inspector"),
    *((place, "inspector", "trace") for place in ("item", "cef", "sql")),
)
"""For each kind of screen its `PLACES`; kept here so that keys are checked without loading the screens."""

REPLAYED = {
    command.id: command
    for command in (
        Command("live", "pause_run", "p", "Pause", "Let the replay stand still, or go on."),
        Command("live", "stop_run", "x", "To the end", "Go to the end of the replay."),
    )
}
"""What a replay says of keys that hold and stop a run that goes on."""

CHANGES, CHOOSES = (
    {"list.select_cursor": Command("list", "select_cursor", "enter", label, told, palette=False)}
    for label, told in (
        ("Change", "Change the marked value: the next of several, or a line to type it."),
        ("Choose", "Take the marked row in, or out again."),
    )
)
"""What `enter` does in lists that open nothing; for `REWORDED` of a table."""

STAGES = (
    ("card_reason", "card_decided", "card_texts"),
    ("card_severity", "card_decided", "card_texts"),
    ("card_rating", "card_decided", "card_texts"),
)
"""Places of a card's boxes, of which one is there at a time."""


def bindings(*places: str) -> list[BindingType]:
    """Return the key bindings of screens or panes, for a `BINDINGS` class variable."""
    return bindings_of(command for command in COMMANDS if command.where in places)


def bindings_of(commands: Iterable[Command]) -> list[BindingType]:
    """Return the key bindings of these commands."""
    return [
        Binding(
            command.keys,
            command.action,
            command.label,
            show=command.footer,
            tooltip=command.help,
            priority=command.where == "app" and command.keys.startswith("ctrl"),
            id=command.id,
        )
        for command in commands
    ]


def bound(node: DOMNode) -> set[str]:
    """Return the ids of the commands that a screen or pane does."""
    listed = [binding for kind in type(node).__mro__ for binding in getattr(kind, "BINDINGS", ())]
    return {binding.id for binding in listed if isinstance(binding, Binding) and binding.id}


def kinds_of(nodes: Iterable[DOMNode]) -> tuple[str, ...]:
    """Return the kinds of pane, such as `list`, whose keys work in widgets, from their bindings."""
    found = [one.id.split(".")[0] for node in nodes for one in node.BINDINGS if isinstance(one, Binding) and one.id]
    return tuple(dict.fromkeys(found))


def commands_at(*places: str) -> list[Command]:
    """Return the commands of screens or panes, in the table's order."""
    return [command for command in COMMANDS if command.where in places]
