// UTF-8, character by character.
#include "utf8.hpp"

#include <cstdint>

namespace candela {
namespace {

// The character at `at`, which moves behind it; -1 where the bytes are none.
std::int32_t next(std::string_view text, std::size_t& at) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned first = byte(at++);
    if (first < 0x80) return static_cast<std::int32_t>(first);
    const std::size_t more = first < 0xC2 ? 0 : first < 0xE0 ? 1 : first < 0xF0 ? 2 : first < 0xF5 ? 3 : 0;
    if (!more || text.size() - at < more) return -1;
    std::int32_t code = static_cast<std::int32_t>(first & (0x3F >> more));
    for (std::size_t i = 0; i < more; ++i) {
        const unsigned c = byte(at++);
        if ((c & 0xC0) != 0x80) return -1;
        code = code << 6 | static_cast<std::int32_t>(c & 0x3F);
    }
    constexpr std::int32_t least[] = {0, 0x80, 0x800, 0x10000};
    return code < least[more] || code > 0x10FFFF || (code >= 0xD800 && code < 0xE000) ? -1 : code;
}

struct Range {
    std::int32_t first, last;
};
constexpr Range hidden[] = {
    {0x00, 0x1F},     {0x7F, 0xA0},     {0xAD, 0xAD},     {0x600, 0x605},   {0x61C, 0x61C},     {0x6DD, 0x6DD},
    {0x70F, 0x70F},   {0x890, 0x891},   {0x8E2, 0x8E2},   {0x1680, 0x1680}, {0x180E, 0x180E},   {0x2000, 0x200F},
    {0x2028, 0x202F}, {0x205F, 0x2064}, {0x2066, 0x206F}, {0x3000, 0x3000}, {0xE000, 0xF8FF},   {0xFEFF, 0xFEFF},
    {0xFFF9, 0xFFFB}, {0xFFFE, 0xFFFF}, {0xE0000, 0xE00FF}, {0xF0000, 0x10FFFF},
};

}  // namespace

bool is_utf8(std::string_view text) {
    for (std::size_t at = 0; at < text.size();) {
        if (next(text, at) < 0) return false;
    }
    return true;
}

std::size_t length_of(std::string_view text) {
    std::size_t count = 0;
    for (std::size_t at = 0; at < text.size(); ++count) next(text, at);
    return count;
}

bool is_printable(std::string_view text) {
    for (std::size_t at = 0; at < text.size();) {
        const std::int32_t code = next(text, at);
        for (const auto& range : hidden) {
            if (code >= range.first && code <= range.last) return false;
        }
    }
    return true;
}

}  // namespace candela
