// Text out of payloads: whether bytes are UTF-8, and whether a person can read them.
#pragma once

#include <cstddef>
#include <string_view>

namespace candela {

// RFC 3629: shortest form, no surrogates, nothing above U+10FFFF.
bool is_utf8(std::string_view text);

// Characters of UTF-8.
std::size_t length_of(std::string_view text);

// No control characters, separators but the space, formatting characters, private or unassignable ones. What Unicode
// has not assigned yet counts as printable, which Python's `isprintable` asks a table for.
bool is_printable(std::string_view text);

}  // namespace candela
