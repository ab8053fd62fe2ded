// Fuzz target for everything that reads coded bytes. Whatever comes in, the decoders return or throw Damaged.
//
// Under libFuzzer:  clang++ -fsanitize=fuzzer,address,undefined -std=c++20 -Iinclude tests/fuzz_streams.cpp src/coding/*.cpp
// Without it `fuzz_main.cpp` feeds it damaged streams and noise, in an order that a seed repeats.
#include <cstddef>
#include <cstdint>
#include <span>

#include "candela/coding.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 4) return 0;
    const std::span<const std::uint8_t> stream(data + 4, size - 4);
    try {
        if (data[0] & 1) {
            const int height = 1 + data[1], width = 1 + data[2], channels = data[3] % 5;
            const auto bands = candela::decode_bands(stream, height, width, channels);
            candela::join_bands(bands, height, width, 1 << (data[0] >> 1) % 21);
        } else {
            const int sizes[] = {1 + data[1] % 32, 1 + data[2], 3};
            candela::decode_layers(stream, sizes, 4 + data[3] % 9);
        }
    } catch (const candela::Damaged&) {
    }
    return 0;
}
