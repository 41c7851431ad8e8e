"""IFEval: the 25 types of instruction that a program can verify, strict and loose."""
