"""Rules: glee4810/ehrsql-2024, scoring_program/postprocessing.py."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medic_console.scoring.sql.normalise import normalise


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("  SELECT  a\n\nFROM   p ", "SELECT a FROM p"),
        ("a > = 1 AND b < = 2 AND c ! = 3", "a >= 1 AND b <= 2 AND c != 3"),
        ("t < datetime(current_time, '-1 day')", "t < datetime('2100-12-31 23:59:00', '-1 day')"),
        ("strftime('%y', t) = strftime('%j', t)", "strftime('%Y', t) = strftime('%J', t)"),
        ("v BETWEEN heart_rate_lower AND heart_rate_upper", "v BETWEEN 60.0 AND 100.0"),
        ("v > sao2_lower AND v < sao2_upper", "v > 95.0 AND v < 100.0"),
        ("v > mean_bp_lower AND v < systolic_bp_upper", "v > mean_bp_lower AND v < systolic_bp_upper"),
        ("v > glucose_lower AND v < glucose_upper", "v > glucose_lower AND v < glucose_upper"),
        ("v > sao2_lower", "v > sao2_lower"),
        ("CURRENT_TIME", "CURRENT_TIME"),
        ("d = current_date", "d = '2100-12-31'"),
        ("datetime('now', '-1 day')", "datetime('2100-12-31 23:59:00', '-1 day')"),
        ("datetime('NOW')", "datetime('2100-12-31 23:59:00')"),
        ('date("now")', "date('2100-12-31 23:59:00')"),
        ("t < NOW()", "t < '2100-12-31 23:59:00'"),
        ("t < CURDATE() AND u < CURTIME()", "t < '2100-12-31' AND u < '23:59:00'"),
        ("DATE_SUB(NOW(), INTERVAL 1 YEAR)", "datetime('2100-12-31 23:59:00', '-1 year')"),
        ("DATE_ADD('2100-01-02', INTERVAL 3 MONTH)", "datetime('2100-01-02', '+3 months')"),
        ("DATE_SUB(CURDATE(), INTERVAL 10 DAY)", "datetime('2100-12-31', '-10 days')"),
        ("DATE_SUB(t, INTERVAL 1 YEAR)", "DATE_SUB(t, INTERVAL 1 YEAR)"),
        ("date_sub(NOW(), INTERVAL 1 YEAR)", "date_sub('2100-12-31 23:59:00', INTERVAL 1 YEAR)"),
        ("t < current_timestamp", "t < current_timestamp"),
        ("now() > CURRENT_DATE", "now() > CURRENT_DATE"),
        ("null", "null"),
    ],
)
def test_each_rule(sql: str, expected: str) -> None:
    assert normalise(sql) == expected


@pytest.mark.parametrize(
    ("vital", "lower", "upper"),
    [
        ("temperature", 35.5, 38.1),
        ("sao2", 95.0, 100.0),
        ("heart_rate", 60.0, 100.0),
        ("respiration", 12.0, 18.0),
        ("systolic_bp", 90.0, 120.0),
        ("diastolic_bp", 60.0, 90.0),
        ("mean_bp", 60.0, 110.0),
    ],
)
def test_every_vital_sign_has_its_published_range(vital: str, lower: float, upper: float) -> None:
    found = normalise(f"v > {vital}_lower AND v < {vital}_upper")
    assert found == f"v > {lower} AND v < {upper}"


@given(st.text(alphabet="a >=<!\n%yj", max_size=20))
def test_any_text_comes_back_on_one_line_without_double_spaces(sql: str) -> None:
    result = normalise(sql)
    assert "\n" not in result
    assert "  " not in result
