// CRC-32 by four bytes at a time: a reel has up to 64 MiB.
#include "crc.hpp"

#include <array>

namespace candela {
namespace {

using Table = std::array<std::array<std::uint32_t, 256>, 4>;

constexpr Table tables = [] {
    Table out{};
    for (std::uint32_t i = 0; i < 256; ++i) {
        std::uint32_t value = i;
        for (int bit = 0; bit < 8; ++bit) value = value >> 1 ^ (value & 1 ? 0xEDB88320u : 0);
        out[0][i] = value;
    }
    for (std::size_t k = 1; k < 4; ++k) {
        for (std::size_t i = 0; i < 256; ++i) out[k][i] = out[k - 1][i] >> 8 ^ out[0][out[k - 1][i] & 255];
    }
    return out;
}();

}  // namespace

std::uint32_t crc32(std::span<const std::uint8_t> data, std::uint32_t before) {
    std::uint32_t c = ~before;
    std::size_t at = 0;
    for (; at + 4 <= data.size(); at += 4) {
        c ^= data[at] | static_cast<std::uint32_t>(data[at + 1]) << 8 | static_cast<std::uint32_t>(data[at + 2]) << 16 |
             static_cast<std::uint32_t>(data[at + 3]) << 24;
        c = tables[3][c & 255] ^ tables[2][c >> 8 & 255] ^ tables[1][c >> 16 & 255] ^ tables[0][c >> 24];
    }
    for (; at < data.size(); ++at) c = tables[0][(c ^ data[at]) & 255] ^ c >> 8;
    return ~c;
}

std::uint32_t big_endian(std::span<const std::uint8_t> four) {
    return static_cast<std::uint32_t>(four[0]) << 24 | static_cast<std::uint32_t>(four[1]) << 16 |
           static_cast<std::uint32_t>(four[2]) << 8 | four[3];
}

}  // namespace candela
