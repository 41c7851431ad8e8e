"""The archive's tables, as numbered migrations. A migration that has been released is never changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

FIRST = (
    # One row a GGUF file, by content.
    """CREATE TABLE models (
        sha256 TEXT PRIMARY KEY, name TEXT NOT NULL, size INTEGER NOT NULL, architecture TEXT NOT NULL,
        quantisation TEXT NOT NULL, parameters INTEGER NOT NULL, context INTEGER NOT NULL,
        kv_bytes INTEGER NOT NULL, metadata TEXT NOT NULL) STRICT""",
    # A task file as it was when a run used it.
    """CREATE TABLE tasks (
        digest TEXT PRIMARY KEY, id TEXT NOT NULL, version TEXT NOT NULL, title TEXT NOT NULL, text TEXT NOT NULL)
        STRICT""",
    """CREATE TABLE items (
        digest TEXT PRIMARY KEY, id TEXT NOT NULL, fields TEXT NOT NULL, gold TEXT NOT NULL, grouping TEXT NOT NULL)
        STRICT""",
    # What was asked for. `key` is the digest of all that decides the numbers.
    """CREATE TABLE runs (
        id TEXT PRIMARY KEY, created TEXT NOT NULL, status TEXT NOT NULL, key TEXT NOT NULL, settings TEXT NOT NULL)
        STRICT""",
    """CREATE TABLE run_tasks (
        run TEXT NOT NULL REFERENCES runs(id), position INTEGER NOT NULL, task TEXT NOT NULL,
        digest TEXT NOT NULL REFERENCES tasks(digest), origin TEXT NOT NULL, source TEXT NOT NULL,
        notes TEXT NOT NULL, shared TEXT NOT NULL, resources TEXT NOT NULL, PRIMARY KEY (run, task)) STRICT""",
    """CREATE TABLE run_items (
        run TEXT NOT NULL, task TEXT NOT NULL, position INTEGER NOT NULL, item TEXT NOT NULL,
        digest TEXT NOT NULL REFERENCES items(digest), PRIMARY KEY (run, task, position),
        UNIQUE (run, task, item), FOREIGN KEY (run, task) REFERENCES run_tasks(run, task)) STRICT""",
    """CREATE TABLE run_models (
        run TEXT NOT NULL REFERENCES runs(id), role TEXT NOT NULL CHECK (role IN ('candidate', 'judge')),
        position INTEGER NOT NULL, sha256 TEXT NOT NULL REFERENCES models(sha256), file TEXT NOT NULL,
        template TEXT NOT NULL, PRIMARY KEY (run, role, position)) STRICT""",
    # One row each time that a process worked on a run; outputs name the sitting that made them.
    """CREATE TABLE sittings (
        id INTEGER PRIMARY KEY, run TEXT NOT NULL REFERENCES runs(id), pid INTEGER NOT NULL,
        started TEXT NOT NULL, ended TEXT, status TEXT NOT NULL) STRICT""",
    # What an engine really ran with, by content.
    "CREATE TABLE engines (digest TEXT PRIMARY KEY, granted TEXT NOT NULL) STRICT",
    "CREATE TABLE prompts (digest TEXT PRIMARY KEY, content TEXT NOT NULL) STRICT",
    # Written once, when a generation completes; `content_key` finds it again for the judge's cache.
    """CREATE TABLE outputs (
        id INTEGER PRIMARY KEY, model TEXT NOT NULL REFERENCES models(sha256), content_key TEXT NOT NULL,
        prompt TEXT NOT NULL REFERENCES prompts(digest), engine TEXT NOT NULL REFERENCES engines(digest),
        sitting INTEGER NOT NULL REFERENCES sittings(id), created TEXT NOT NULL, text TEXT NOT NULL,
        thinking TEXT NOT NULL, thinking_closed INTEGER NOT NULL, finish TEXT NOT NULL,
        prompt_tokens INTEGER NOT NULL, output_tokens INTEGER NOT NULL, max_tokens INTEGER NOT NULL,
        context INTEGER NOT NULL, seconds REAL NOT NULL, reused_tokens INTEGER NOT NULL,
        probabilities TEXT NOT NULL, outside REAL NOT NULL, thinking_tokens INTEGER NOT NULL) STRICT""",
    "CREATE INDEX outputs_by_content ON outputs (model, content_key)",
    # Which output answered which step of which item. The primary key forbids a second generation.
    """CREATE TABLE calls (
        run TEXT NOT NULL, candidate TEXT NOT NULL, model TEXT NOT NULL, task TEXT NOT NULL, item TEXT NOT NULL,
        step TEXT NOT NULL, output INTEGER NOT NULL REFERENCES outputs(id),
        PRIMARY KEY (run, task, item, candidate, model, step)) STRICT, WITHOUT ROWID""",
    # `judge` is empty for tasks that need none.
    """CREATE TABLE scores (
        id INTEGER PRIMARY KEY, run TEXT NOT NULL REFERENCES runs(id), candidate TEXT NOT NULL, judge TEXT NOT NULL,
        task TEXT NOT NULL, item TEXT NOT NULL, outcome TEXT NOT NULL
        CHECK (outcome IN ('scored', 'unscored', 'failed')), reason TEXT NOT NULL, answer TEXT NOT NULL,
        verdict TEXT NOT NULL, detail TEXT NOT NULL, traceback TEXT NOT NULL, scorer TEXT NOT NULL,
        created TEXT NOT NULL, UNIQUE (run, task, item, candidate, judge)) STRICT""",
    """CREATE TABLE score_values (
        score INTEGER NOT NULL REFERENCES scores(id), name TEXT NOT NULL, value REAL NOT NULL,
        PRIMARY KEY (score, name)) STRICT, WITHOUT ROWID""",
    """CREATE TABLE sql_results (
        score INTEGER NOT NULL REFERENCES scores(id), side TEXT NOT NULL, sql TEXT NOT NULL, columns TEXT NOT NULL,
        rows TEXT NOT NULL, row_count INTEGER NOT NULL, capped INTEGER NOT NULL, seconds REAL NOT NULL,
        error TEXT NOT NULL, PRIMARY KEY (score, side)) STRICT, WITHOUT ROWID""",
    # `direction`: the text that the question came from; the other text answered it.
    """CREATE TABLE cef_questions (
        score INTEGER NOT NULL REFERENCES scores(id), direction TEXT NOT NULL
        CHECK (direction IN ('source', 'generated')), position INTEGER NOT NULL, question TEXT NOT NULL, gold TEXT,
        predicted TEXT, probabilities TEXT NOT NULL, raw TEXT NOT NULL, PRIMARY KEY (score, direction, position))
        STRICT, WITHOUT ROWID""",
)


JUDGED = (
    # A run audits models, or it is the qualification of judges.
    "ALTER TABLE runs ADD COLUMN kind TEXT NOT NULL DEFAULT 'audit'",
    # How a judge's questions came about; what was dropped is kept with its reason.
    """CREATE TABLE question_lists (
        score INTEGER NOT NULL REFERENCES scores(id), direction TEXT NOT NULL
        CHECK (direction IN ('source', 'generated')), asked INTEGER NOT NULL, kept INTEGER NOT NULL,
        dropped TEXT NOT NULL, repaired INTEGER NOT NULL, PRIMARY KEY (score, direction)) STRICT, WITHOUT ROWID""",
    # One pairwise comparison, from the side of the score's candidate.
    """CREATE TABLE matches (
        score INTEGER NOT NULL REFERENCES scores(id), opponent TEXT NOT NULL REFERENCES models(sha256),
        result TEXT NOT NULL CHECK (result IN ('won', 'drawn', 'lost')), shown_first REAL NOT NULL,
        shown_second REAL NOT NULL, PRIMARY KEY (score, opponent)) STRICT, WITHOUT ROWID""",
    """CREATE TABLE criteria (
        score INTEGER NOT NULL REFERENCES scores(id), position INTEGER NOT NULL, criterion TEXT NOT NULL,
        points REAL NOT NULL, met INTEGER NOT NULL, probability REAL NOT NULL, tags TEXT NOT NULL,
        PRIMARY KEY (score, position)) STRICT, WITHOUT ROWID""",
    # What was measured of a judge; it holds for this file, wording, build and set of probes alone.
    """CREATE TABLE qualifications (
        id INTEGER PRIMARY KEY, judge TEXT NOT NULL REFERENCES models(sha256), method TEXT NOT NULL,
        wording TEXT NOT NULL, build TEXT NOT NULL, probes TEXT NOT NULL, run TEXT NOT NULL REFERENCES runs(id),
        created TEXT NOT NULL, verdict TEXT NOT NULL CHECK (verdict IN ('qualified', 'not qualified')),
        card TEXT NOT NULL) STRICT""",
    "CREATE INDEX qualifications_by_judge ON qualifications (judge, wording, build)",
)


INDEXES = (
    # What the list of runs needs: the outcomes of each run, counted without reading the scores.
    "CREATE INDEX scores_by_outcome ON scores (run, outcome)",
)

ANSWERED = (
    # A text that was judged as its token limit left it.
    "ALTER TABLE scores ADD COLUMN truncated INTEGER NOT NULL DEFAULT 0",
    # The opponent had no answer by its own doing: won without a judge.
    "ALTER TABLE matches ADD COLUMN forfeit INTEGER NOT NULL DEFAULT 0",
)


DECIDING = (
    # Chat templates by content: with the messages and the engine's variables the text of any prompt is made again.
    "CREATE TABLE templates (digest TEXT PRIMARY KEY, text TEXT NOT NULL) STRICT",
    # Digest of the text that was tokenised; empty for outputs that are older than this column.
    "ALTER TABLE outputs ADD COLUMN rendered TEXT NOT NULL DEFAULT ''",
    # Versions of the libraries that made a score, by content; none for scores that are older than this column.
    "CREATE TABLE toolchains (digest TEXT PRIMARY KEY, versions TEXT NOT NULL) STRICT",
    "ALTER TABLE scores ADD COLUMN toolchain TEXT REFERENCES toolchains(digest)",
)

_APPENDED = ("ledger", "score_digests", "reviewers", "pin_attempts", "queues", "queue_cards", "decisions")
"""Tables whose rows are never changed and never taken away."""

REVIEWED = (
    # A chain: `mac` is a keyed hash of all other columns, `previous` is the `mac` of the entry before; `key` names the
    # key. `subject` is JSON that says what the entry is about, `digest` is of its content.
    """CREATE TABLE ledger (
        sequence INTEGER PRIMARY KEY, created TEXT NOT NULL, kind TEXT NOT NULL, subject TEXT NOT NULL,
        digest TEXT NOT NULL, key TEXT NOT NULL, previous TEXT NOT NULL, mac TEXT NOT NULL) STRICT""",
    # Of each score with all its rows and the text that it is of, taken when its sitting ends.
    """CREATE TABLE score_digests (
        score INTEGER PRIMARY KEY, run TEXT NOT NULL, digest TEXT NOT NULL) STRICT""",
    "CREATE INDEX score_digests_by_run ON score_digests (run)",
    "CREATE TABLE reviewers (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, salt TEXT NOT NULL, "
    "pin TEXT NOT NULL, created TEXT NOT NULL) STRICT",
    # `right` is 0 where a try begins, and a row with 1 follows where its PIN was right.
    """CREATE TABLE pin_attempts (
        id INTEGER PRIMARY KEY, reviewer INTEGER NOT NULL REFERENCES reviewers(id), created TEXT NOT NULL,
        right INTEGER NOT NULL) STRICT""",
    "CREATE INDEX pin_attempts_by_reviewer ON pin_attempts (reviewer)",
    "CREATE TABLE queues (name TEXT PRIMARY KEY, created TEXT NOT NULL, design TEXT NOT NULL) STRICT",
    # As drawn: what was asked and said is copied, `texts` is a digest of the two texts.
    """CREATE TABLE queue_cards (
        queue TEXT NOT NULL REFERENCES queues(name), position INTEGER NOT NULL, kind TEXT NOT NULL, run TEXT NOT NULL,
        task TEXT NOT NULL, item TEXT NOT NULL, candidate TEXT NOT NULL, judge TEXT NOT NULL, part TEXT NOT NULL,
        grouping TEXT NOT NULL, question TEXT NOT NULL, said TEXT NOT NULL,
        expected TEXT NOT NULL, probability REAL, texts TEXT NOT NULL,
        second INTEGER NOT NULL, PRIMARY KEY (queue, position)) STRICT, WITHOUT ROWID""",
    # `action`: answer, undo (of the decision `undone`) or adjudicate; what counts is the newest that is not undone.
    """CREATE TABLE decisions (
        id INTEGER PRIMARY KEY, queue TEXT NOT NULL, position INTEGER NOT NULL,
        reviewer INTEGER NOT NULL REFERENCES reviewers(id), created TEXT NOT NULL,
        action TEXT NOT NULL CHECK (action IN ('answer', 'undo', 'adjudicate')),
        undone INTEGER REFERENCES decisions(id), answer TEXT NOT NULL, reason TEXT NOT NULL, severity INTEGER,
        comment TEXT NOT NULL, seconds REAL NOT NULL,
        FOREIGN KEY (queue, position) REFERENCES queue_cards(queue, position)) STRICT""",
    "CREATE INDEX decisions_by_queue ON decisions (queue, position)",
    *(
        f"CREATE TRIGGER {table}_no_{verb} BEFORE {verb} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, '{table}: rows are only added'); END"
        for table in _APPENDED
        for verb in ("update", "delete")
    ),
)

SEALED = (
    # Of each row, or group of rows, that an entry of the ledger vouches for beside its `digest`; the entry's subject
    # holds the digest of them all.
    """CREATE TABLE row_digests (
        entry INTEGER NOT NULL REFERENCES ledger(sequence), kind TEXT NOT NULL, key TEXT NOT NULL, digest TEXT NOT NULL,
        PRIMARY KEY (entry, kind, key)) STRICT, WITHOUT ROWID""",
    *(
        f"CREATE TRIGGER row_digests_no_{verb} BEFORE {verb} ON row_digests "
        "BEGIN SELECT RAISE(ABORT, 'row_digests: rows are only added'); END"
        for verb in ("update", "delete")
    ),
)

_OF_OTHERS = ("merged_sources", "merged_runs", "merged_sittings", "merged_ids", "merged_ledger", "merged_seals")

MERGED = (
    # Another archive that runs were taken from: `begins` and `head` are the first and last `mac` of its ledger.
    """CREATE TABLE merged_sources (
        id INTEGER PRIMARY KEY, created TEXT NOT NULL, name TEXT NOT NULL, begins TEXT NOT NULL, head TEXT NOT NULL)
        STRICT""",
    # Its runs as it has them; `origin` is the digest of the run where it was made, by which it is known anywhere.
    # `joined` is 1 where the run here is another one of the same plan, of which this is a shard.
    """CREATE TABLE merged_runs (
        source INTEGER NOT NULL REFERENCES merged_sources(id), run TEXT NOT NULL, created TEXT NOT NULL,
        status TEXT NOT NULL, key TEXT NOT NULL, settings TEXT NOT NULL, kind TEXT NOT NULL, origin TEXT NOT NULL,
        ours TEXT NOT NULL REFERENCES runs(id), joined INTEGER NOT NULL, PRIMARY KEY (source, run)) STRICT,
        WITHOUT ROWID""",
    "CREATE INDEX merged_runs_by_ours ON merged_runs (ours)",
    """CREATE TABLE merged_sittings (
        source INTEGER NOT NULL, sitting INTEGER NOT NULL, run TEXT NOT NULL, pid INTEGER NOT NULL,
        started TEXT NOT NULL, ended TEXT, status TEXT NOT NULL, ours INTEGER NOT NULL REFERENCES sittings(id),
        PRIMARY KEY (source, sitting)) STRICT, WITHOUT ROWID""",
    "CREATE INDEX merged_sittings_by_ours ON merged_sittings (ours)",
    # The number that an output, a score or a card of a judge has there and here; `run` is the run there.
    """CREATE TABLE merged_ids (
        source INTEGER NOT NULL, kind TEXT NOT NULL CHECK (kind IN ('output', 'score', 'card')),
        theirs INTEGER NOT NULL, ours INTEGER NOT NULL, run TEXT NOT NULL, PRIMARY KEY (source, kind, theirs))
        STRICT, WITHOUT ROWID""",
    "CREATE INDEX merged_ids_by_ours ON merged_ids (source, kind, ours)",
    # Its ledger, word by word.
    """CREATE TABLE merged_ledger (
        source INTEGER NOT NULL, sequence INTEGER NOT NULL, created TEXT NOT NULL, kind TEXT NOT NULL,
        subject TEXT NOT NULL, digest TEXT NOT NULL, key TEXT NOT NULL, previous TEXT NOT NULL, mac TEXT NOT NULL,
        PRIMARY KEY (source, sequence)) STRICT, WITHOUT ROWID""",
    # Its `row_digests`, and with the kind `scores` its `score_digests`, whose `entry` is 0.
    """CREATE TABLE merged_seals (
        source INTEGER NOT NULL, entry INTEGER NOT NULL, kind TEXT NOT NULL, key TEXT NOT NULL, run TEXT NOT NULL,
        digest TEXT NOT NULL, PRIMARY KEY (source, entry, kind, key)) STRICT, WITHOUT ROWID""",
    # This file holds a part of an archive: the runs that this entry of its ledger names.
    "CREATE TABLE excerpts (entry INTEGER PRIMARY KEY REFERENCES ledger(sequence)) STRICT",
    *(
        f"CREATE TRIGGER {table}_no_{verb} BEFORE {verb} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, '{table}: rows are only added'); END"
        for table in (*_OF_OTHERS, "excerpts")
        for verb in ("update", "delete")
    ),
)

WATCHED = (
    # What was seen of sockets while a sitting lasted (`core.offline.Network` as JSON); NULL where nothing was watched.
    "ALTER TABLE sittings ADD COLUMN network TEXT",
)

WITHDRAWN = (
    # Scores of failed items that were asked again, as they were; `calls` are model, step and output of what had been
    # answered by then, as JSON. Their numbers are never given to another score.
    """CREATE TABLE withdrawn (
        id INTEGER PRIMARY KEY, run TEXT NOT NULL REFERENCES runs(id), candidate TEXT NOT NULL, judge TEXT NOT NULL,
        task TEXT NOT NULL, item TEXT NOT NULL, outcome TEXT NOT NULL, truncated INTEGER NOT NULL, reason TEXT NOT NULL,
        answer TEXT NOT NULL, verdict TEXT NOT NULL, detail TEXT NOT NULL, traceback TEXT NOT NULL,
        scorer TEXT NOT NULL, toolchain TEXT REFERENCES toolchains(digest), created TEXT NOT NULL, calls TEXT NOT NULL,
        withdrawn TEXT NOT NULL, why TEXT NOT NULL) STRICT""",
    "CREATE INDEX withdrawn_by_run ON withdrawn (run)",
    *(
        f"CREATE TRIGGER withdrawn_no_{verb} BEFORE {verb} ON withdrawn "
        "BEGIN SELECT RAISE(ABORT, 'withdrawn: rows are only added'); END"
        for verb in ("update", "delete")
    ),
)

SET = "medic_console"
"""The set of migrations that ours are."""
MIGRATIONS: Mapping[str, Sequence[str]] = {
    # Everything that the first release stores.
    "m001_first_tables": FIRST,
    # Harm, pairwise and rubric verdicts, question lists, and the qualification of judges.
    "m002_judged_scores": JUDGED,
    "m003_indexes": INDEXES,
    # Items without an answer, and texts that were cut.
    "m004_answered": ANSWERED,
    # What decides an output and a score: templates, rendered prompts, versions of libraries.
    "m005_what_decides": DECIDING,
    # Ledger, reviewers, queues and decisions.
    "m006_review": REVIEWED,
    # Digests of all rows of a run.
    "m007_sealed_rows": SEALED,
    # Runs of other archives, with what their ledgers say of them.
    "m008_merged": MERGED,
    # Outbound attempts of a sitting.
    "m009_network": WATCHED,
    # Failed scores whose items were asked again.
    "m010_withdrawn": WITHDRAWN,
}
"""Statements by the name of their migration, in order."""
RELEASED = frozenset(MIGRATIONS)
"""Names of all migrations that this release knows."""
