#!/usr/bin/env bash
# llama-cpp-python 0.3.36: CMAKE_ARGS="-DLLAMA_BUILD_COMMON=OFF" is taken without a word and has no effect.
#
# Its CMakeLists.txt sets the cache entry again with FORCE, so llama.cpp's common library is always compiled, though
# nothing of it is installed beside libllama and libggml: 52 of the 140 steps that are left without the multimodal
# tools. A normal variable of llama.cpp's own scope (CMAKE_PROJECT_llama.cpp_INCLUDE) goes before the cache entry.
#
# Seen on 28 November 2026 with CMake 4.x and Ninja, Linux x86-64:
#   -DLLAVA_BUILD=OFF                            140 steps
#   -DLLAVA_BUILD=OFF -DLLAMA_BUILD_COMMON=OFF   140 steps
#   -DLLAVA_BUILD=OFF and the included variable   83 steps
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check cmake ninja
venv/bin/pip download --quiet --disable-pip-version-check --no-deps --no-binary :all: \
  llama-cpp-python==0.3.36

tar xzf llama_cpp_python-0.3.36.tar.gz
echo 'set(LLAMA_BUILD_COMMON OFF)' > only.cmake
export PATH="$work/venv/bin:$PATH"

steps() {
  rm -rf build
  cmake -G Ninja -S llama_cpp_python-0.3.36 -B build -DSKBUILD_PLATLIB_DIR="$work/lib" -DLLAVA_BUILD=OFF "$@" > configure.log 2>&1
  ninja -C build -n | sed -n 's#^\[[0-9]*/\([0-9]*\)\].*#\1#p' | tail -1
}

whole=$(steps)
asked=$(steps -DLLAMA_BUILD_COMMON=OFF)
included=$(steps "-DCMAKE_PROJECT_llama.cpp_INCLUDE=$work/only.cmake")
echo "as it is: $whole steps; -DLLAMA_BUILD_COMMON=OFF: $asked; with the included variable: $included"
[ "$whole" = "$asked" ] || { echo "changed: the option has an effect now"; exit 1; }
[ "$included" -lt "$whole" ] || { echo "changed: the common library is no longer built"; exit 1; }
