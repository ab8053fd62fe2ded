// Feeds a fuzz target without libFuzzer: `--runs N FILE…` gives it every file as it is, and N spoiled ones made of them
// from a seed: bytes changed, cut, doubled.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <random>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

using Bytes = std::vector<std::uint8_t>;

// Structure lies at the ends of most files, and in their first bytes more than in any others.
std::size_t place_in(const Bytes& data, std::mt19937& random) {
    switch (random() % 4) {
        case 0: return random() % std::min<std::size_t>(data.size(), 64);
        case 1: return random() % std::min<std::size_t>(data.size(), 600);
        case 2: return data.size() - 1 - random() % std::min<std::size_t>(data.size(), 300);
        default: return random() % data.size();
    }
}

Bytes spoiled(Bytes data, std::mt19937& random) {
    constexpr std::uint8_t telling[] = {0, 1, 0x7F, 0x80, 0xFF};
    for (std::size_t changes = 1 + random() % 5; changes && !data.empty(); --changes) {
        const std::size_t at = place_in(data, random);
        const auto from = data.begin() + static_cast<std::ptrdiff_t>(at);
        switch (random() % 8) {
            case 0: data.resize(at); break;
            case 1: data.erase(from); break;
            case 2: data.insert(from, static_cast<std::uint8_t>(random())); break;
            case 3: *from = telling[random() % 5]; break;
            case 4: *from = static_cast<std::uint8_t>(random()); break;
            default: *from ^= static_cast<std::uint8_t>(1u << random() % 8);
        }
    }
    return data;
}

}  // namespace

int main(int count, char** arguments) {
    if (count < 4) return std::fprintf(stderr, "%s --runs N FILE...\n", arguments[0]), 2;
    std::vector<Bytes> files;
    for (int i = 3; i < count; ++i) {
        std::ifstream file(arguments[i], std::ios::binary);
        files.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
        LLVMFuzzerTestOneInput(files.back().data(), files.back().size());
    }
    std::mt19937 random(11);
    const int runs = std::atoi(arguments[2]);
    for (int run = 0; run < runs; ++run) {
        const Bytes data = spoiled(files[static_cast<std::size_t>(run) % files.size()], random);
        LLVMFuzzerTestOneInput(data.data(), data.size());
    }
    std::printf("%zu files, %d inputs made of them\n", files.size(), runs);
}
