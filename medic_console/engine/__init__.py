"""Models. A child process each; the port is the same for llama.cpp and the scripted double."""
