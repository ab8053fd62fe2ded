// Fuzz target for everything that reads files and payloads. Whatever comes in, it is read or refused as Trouble.
//
// Under libFuzzer:  clang++ -fsanitize=fuzzer,address,undefined -std=c++20 -Iinclude tests/fuzz_payload.cpp src/*/*.cpp
// (without src/bind; sources of instruction sets with their flags). Without it `mutate_main.cpp` feeds it spoiled files.
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <random>
#include <string>

#include "candela/model.hpp"
#include "sealed.hpp"

namespace {

// A file of its own for this process, under a name that no other takes.
const std::filesystem::path& scratch() {
    static const auto path = std::filesystem::temp_directory_path() /
                             ("candela_fuzz_" + std::to_string(std::random_device{}()) + std::to_string(std::random_device{}()));
    return path;
}

void as_file(const std::uint8_t* data, std::size_t size) {
    std::ofstream(scratch(), std::ios::binary).write(reinterpret_cast<const char*>(data), static_cast<std::streamsize>(size));
    try {
        candela::find_payload(scratch());
    } catch (const candela::Trouble&) {
    }
    std::filesystem::remove(scratch());
}

// The bytes under a true CRC, so that what lies behind it is reached.
void as_payload(const std::uint8_t* data, std::size_t size) {
    const Bytes whole = sealed("", Bytes(data, data + size - 4));
    try {
        const candela::Model model = candela::Model::of(whole);
        const auto& shot = model.shots().front();
        const auto network = model.at(shot.frames ? shot.frames->second : 0);
        const int width = network->width(), height = network->height();
        if (width > 256 || height > 256) return;
        const std::vector<std::uint8_t> codes(static_cast<std::size_t>(3 * width) * height, 99);
        const candela::Source picture{codes.data(), candela::Sample::u8, 8, width, height,
                                      candela::Layout::packed(width, candela::Sample::u8)};
        std::vector<float> out(codes.size());
        const candela::Target target{out.data(), candela::Sample::f32, 16, candela::Layout::packed(width, candela::Sample::f32)};
        network->render(picture, *network->prepare(picture, 1), {0, 0, width, std::min(height, 8)}, target, {});
    } catch (const candela::Trouble&) {
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size > 8 && data[0] == 'C' && data[1] == 'N' && data[2] == 'D') as_payload(data, size);
    else as_file(data, size);
    return 0;
}
