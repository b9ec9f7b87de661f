#!/usr/bin/env bash
# Compiles llama.cpp for 64-bit ARM and makes a wheel of it: its kernels for old and new processors lie beside each
# other as libraries that are loaded at run time, so that one wheel serves a Pi 3 and a Pi 5.
#
#   image/llama.sh SDIST.tar.gz WORK_DIR OUTPUT_DIR
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

readonly sdist=$1 work=$2 output=$3
readonly variants=(armv8.0_1 armv8.2_1 armv8.2_2)
# Those with SVE and what came after it: no board here has that, and Debian 12's compiler does not know all of it.
readonly left_out='armv8\.2_3|armv8\.6_[12]|armv9\.2_[12]'

main() {
    local version
    version=$(cross_version)
    rm -rf "$work/llama"
    mkdir -p "$work/llama/build" "$output"
    tar -xzf "$sdist" -C "$work/llama" --strip-components=1
    sed -i -E "/^ *ggml_add_cpu_backend_variant\\(($left_out) /d" "$work/llama/vendor/llama.cpp/ggml/src/CMakeLists.txt"
    local source="$work/llama" flags="-ffile-prefix-map=$work/llama=llama -g0"
    cmake -G Ninja -S "$source/vendor/llama.cpp" -B "$source/build" --log-level=WARNING \
        -DCMAKE_SYSTEM_NAME=Linux -DCMAKE_SYSTEM_PROCESSOR=aarch64 \
        -DCMAKE_C_COMPILER="aarch64-linux-gnu-gcc$version" -DCMAKE_CXX_COMPILER="aarch64-linux-gnu-g++$version" \
        -DCMAKE_C_FLAGS="$flags" -DCMAKE_CXX_FLAGS="$flags" -DCMAKE_BUILD_TYPE=Release \
        -DCMAKE_INSTALL_RPATH='$ORIGIN' -DCMAKE_BUILD_WITH_INSTALL_RPATH=ON -DCMAKE_PLATFORM_NO_VERSIONED_SONAME=ON -DBUILD_SHARED_LIBS=ON \
        -DGGML_NATIVE=OFF -DGGML_BACKEND_DL=ON -DGGML_CPU_ALL_VARIANTS=ON -DGGML_OPENMP=ON -DGGML_CCACHE=OFF \
        -DLLAMA_CURL=OFF -DLLAMA_BUILD_COMMON=OFF -DLLAMA_BUILD_TESTS=OFF -DLLAMA_BUILD_TOOLS=OFF \
        -DLLAMA_BUILD_EXAMPLES=OFF -DLLAMA_BUILD_SERVER=OFF
    cmake --build "$source/build" -j "$(nproc)" --target llama "${variants[@]/#/ggml-cpu-}"
    mkdir -p "$source/libraries"
    local library
    for library in libllama libggml libggml-base "${variants[@]/#/libggml-cpu-}"; do
        cp -L "$source/build/bin/$library.so" "$source/libraries/"
        aarch64-linux-gnu-strip --strip-unneeded "$source/libraries/$library.so"
    done
    "$PYTHON" -m image.compiled llama "$source" "$output"
}

main
