"""How the demo models are made: invented text, a tokenizer, a network, a trainer, an export and an evaluation."""
