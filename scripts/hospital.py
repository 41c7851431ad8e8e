"""The invented hospital behind the bundled EHRSQL samples, as SQL text.

Table names and columns are a small cousin of the MIMIC-IV database of EHRSQL. No person in it exists. The
stays lie before 2100-12-31 23:59:00, which EHRSQL takes as the present, and stored text is lower case.

`python -m scripts.hospital > tasks/ehrsql/hospital.sql` writes the bundled file anew.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

SEED = 2100
PATIENTS = 40

_SCHEMA = """\
CREATE TABLE patients (subject_id INTEGER PRIMARY KEY, gender TEXT NOT NULL, dob TEXT NOT NULL, dod TEXT);
CREATE TABLE admissions (hadm_id INTEGER PRIMARY KEY, subject_id INTEGER NOT NULL, admittime TEXT NOT NULL, \
dischtime TEXT, location TEXT NOT NULL);
CREATE TABLE labevents (subject_id INTEGER NOT NULL, label TEXT NOT NULL, value REAL NOT NULL, \
charttime TEXT NOT NULL);
CREATE TABLE prescriptions (subject_id INTEGER NOT NULL, drug TEXT NOT NULL, dose TEXT NOT NULL, \
starttime TEXT NOT NULL);
CREATE TABLE diagnoses (subject_id INTEGER NOT NULL, title TEXT NOT NULL, charttime TEXT NOT NULL);
"""

_LOCATIONS = ("emergency room", "clinic referral", "physician referral", "transfer from hospital")

_Value = str | int | float | None


@dataclass(frozen=True, slots=True)
class _Illness:
    """What a stay for one illness leaves in the tables."""

    title: str
    drugs: tuple[tuple[str, str], ...]
    """Drug and dose."""
    labs: tuple[tuple[str, float, float, int], ...]
    """Label, lowest and highest value, decimal places."""


_ILLNESSES = (
    _Illness(
        "heart failure",
        (("furosemide", "40 mg"), ("ramipril", "5 mg"), ("bisoprolol", "2.5 mg")),
        (("potassium", 3.2, 5.4, 1), ("sodium", 128, 142, 0), ("creatinine", 0.9, 2.4, 1)),
    ),
    _Illness(
        "type 2 diabetes mellitus",
        (("metformin", "850 mg"), ("insulin", "10 units")),
        (("glucose", 110, 380, 0), ("hemoglobin a1c", 6.4, 11.2, 1), ("creatinine", 0.7, 1.9, 1)),
    ),
    _Illness(
        "pneumonia",
        (("ceftriaxone", "1 g"), ("azithromycin", "500 mg")),
        (("white blood cells", 9.5, 22.0, 1), ("c-reactive protein", 60, 290, 0)),
    ),
    _Illness(
        "atrial fibrillation",
        (("apixaban", "5 mg"), ("metoprolol", "50 mg")),
        (("potassium", 3.4, 5.0, 1), ("hemoglobin", 11.0, 15.5, 1)),
    ),
    _Illness(
        "acute kidney injury",
        (("sodium chloride 0.9%", "1000 ml"),),
        (("creatinine", 2.1, 6.8, 1), ("potassium", 4.6, 6.4, 1)),
    ),
    _Illness(
        "urinary tract infection",
        (("nitrofurantoin", "100 mg"), ("paracetamol", "1 g")),
        (("white blood cells", 8.0, 16.5, 1), ("c-reactive protein", 15, 120, 0)),
    ),
    _Illness(
        "gastrointestinal hemorrhage",
        (("pantoprazole", "40 mg"),),
        (("hemoglobin", 5.8, 9.9, 1), ("sodium", 133, 143, 0)),
    ),
    _Illness(
        "hypertension",
        (("amlodipine", "5 mg"), ("ramipril", "5 mg")),
        (("sodium", 134, 144, 0), ("potassium", 3.6, 4.9, 1)),
    ),
)


def hospital_sql() -> str:
    """Return the database as SQL text: five CREATE TABLE and one INSERT a row, always the same."""
    rng = random.Random(SEED)
    tables: dict[str, list[tuple[_Value, ...]]] = {
        "patients": [],
        "admissions": [],
        "labevents": [],
        "prescriptions": [],
        "diagnoses": [],
    }
    for subject_id in range(10001, 10001 + PATIENTS):
        _add_patient(rng, subject_id, tables)
    lines = [
        f"INSERT INTO {name} VALUES ({', '.join(_literal(value) for value in row)});\n"
        for name, rows in tables.items()
        for row in rows
    ]
    return _SCHEMA + "".join(lines)


def _add_patient(rng: random.Random, subject_id: int, tables: dict[str, list[tuple[_Value, ...]]]) -> None:
    born = datetime(2010 + rng.randrange(65), 1, 1) + timedelta(days=rng.randrange(365))
    stays = 1 + rng.randrange(3)
    admitted = datetime(2098, 5, 1) + timedelta(minutes=rng.randrange(365 * 24 * 60))
    discharged = admitted
    for stay in range(stays):
        discharged = admitted + timedelta(hours=48 + rng.randrange(216))
        hadm_id = 20000 + len(tables["admissions"]) + 1
        tables["admissions"].append((hadm_id, subject_id, _time(admitted), _time(discharged), rng.choice(_LOCATIONS)))
        _add_stay(rng, subject_id, admitted, tables)
        if stay + 1 < stays:
            admitted = discharged + timedelta(hours=24 * 20 + rng.randrange(24 * 250))
    died = _time(discharged) if rng.randrange(8) == 0 else None
    tables["patients"].append((subject_id, rng.choice("fm"), _time(born), died))


def _add_stay(
    rng: random.Random, subject_id: int, admitted: datetime, tables: dict[str, list[tuple[_Value, ...]]]
) -> None:
    first = rng.randrange(len(_ILLNESSES))
    second = (first + 1 + rng.randrange(len(_ILLNESSES) - 1)) % len(_ILLNESSES)
    for index in (first, second)[: 1 + rng.randrange(2)]:
        illness = _ILLNESSES[index]
        tables["diagnoses"].append((subject_id, illness.title, _time(admitted + timedelta(hours=2))))
        for drug, dose in illness.drugs:
            start = admitted + timedelta(minutes=60 + rng.randrange(600))
            tables["prescriptions"].append((subject_id, drug, dose, _time(start)))
        for label, low, high, places in illness.labs:
            for day in range(1 + rng.randrange(2)):
                drawn = admitted + timedelta(days=day, minutes=30 + rng.randrange(900))
                value = round(low + (high - low) * rng.random(), places)
                tables["labevents"].append((subject_id, label, value, _time(drawn)))


def _time(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M:00")


def _literal(value: _Value) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    return str(value)


if __name__ == "__main__":
    print(hospital_sql(), end="")
