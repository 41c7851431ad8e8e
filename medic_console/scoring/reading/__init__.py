"""Readers of answers: one small module a form. `scoring.answers` is the door."""
