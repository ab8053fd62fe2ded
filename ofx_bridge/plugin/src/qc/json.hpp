// JSON (RFC 8259) from a file that nobody vouches for, to values.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace candela::plugin::json {

inline constexpr std::size_t most_bytes = 32 * 1024 * 1024, most_values = 2'000'000;
inline constexpr int most_depth = 32;

struct Value;
using Array = std::vector<Value>;
using Object = std::vector<std::pair<std::string, Value>>;

struct Value {
    std::variant<std::nullptr_t, bool, double, std::string, Array, Object> of;

    // The member of an object; null where it has none, or is none.
    const Value* member(std::string_view name) const;
    const Array* array() const { return std::get_if<Array>(&of); }
    const std::string* text() const { return std::get_if<std::string>(&of); }
    const double* number() const { return std::get_if<double>(&of); }
};

// Trouble (Kind::media) says what is wrong and in which line. Numbers are finite; a member that is there twice counts the
// first time. Strings are UTF-8 as they stand; lone surrogates become U+FFFD.
Value parse(std::string_view text);

}  // namespace candela::plugin::json
