"""A judge is measured before it is believed: probes with known answers, what a judge makes of them, and a verdict."""
