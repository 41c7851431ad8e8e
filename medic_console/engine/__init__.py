"""Stage 4: models. A child process each; the port is the same for llama.cpp and the scripted double."""
