# Included by llama.cpp's own project when llama-cpp-python is built with
#   -DCMAKE_PROJECT_llama.cpp_INCLUDE=.../scripts/llama-only.cmake
# The binding turns llama.cpp's common library on by force; nothing that it installs uses it. A variable of this scope
# goes before the cache entry, so its 57 files are not compiled.
set(LLAMA_BUILD_COMMON OFF)
