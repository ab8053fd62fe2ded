// Small payloads made byte by byte.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string_view>
#include <vector>

#include "../src/payload/crc.hpp"

using Bytes = std::vector<std::uint8_t>;

inline void put(Bytes& to, std::initializer_list<int> bytes) {
    for (const int byte : bytes) to.push_back(static_cast<std::uint8_t>(byte));
}

// The head of a CBOR value, with two bytes of number.
inline void head(Bytes& to, int kind, std::size_t number) {
    put(to, {kind << 5 | 25, static_cast<int>(number >> 8), static_cast<int>(number & 255)});
}

inline void string(Bytes& to, int kind, const auto& bytes) {
    head(to, kind, bytes.size());
    to.insert(to.end(), bytes.begin(), bytes.end());
}

inline void numbers(Bytes& to, std::initializer_list<std::size_t> values) {
    head(to, 4, values.size());
    for (const auto value : values) head(to, 0, value);
}

// A magic, a body, and the CRC of both.
inline Bytes sealed(std::string_view magic, const Bytes& body) {
    Bytes out(magic.begin(), magic.end());
    out.insert(out.end(), body.begin(), body.end());
    const std::uint32_t crc = candela::crc32(out);
    for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<std::uint8_t>(crc >> shift));
    return out;
}
