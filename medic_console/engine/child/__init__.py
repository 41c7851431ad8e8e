"""The process that holds the model: llama.cpp, batches, samplers, vocabulary."""
