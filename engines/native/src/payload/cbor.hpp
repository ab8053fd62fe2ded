// The part of CBOR (RFC 8949) that payloads are written in. Twin of candela_engines/itm/cbor.py.
//
// Definite lengths, no tags; integers, byte strings, text in UTF-8, lists, maps, false, true, null and floats. Keys of
// maps are integers or text, and differ. Values nest at most `deepest` deep. What is read takes memory in proportion
// to the bytes, whatever they claim.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

namespace candela::cbor {

inline constexpr int deepest = 8;

struct Entry;

struct Value {
    enum class Kind { natural, negative, bytes, text, list, map, boolean, null, real };

    Kind kind = Kind::null;
    std::uint64_t number = 0;  // n of `natural`, -1 - n of `negative`; 1 for true
    double real = 0;
    std::span<const std::uint8_t> bytes;  // also of text; they lie in what was read
    std::vector<Value> items;             // of a list
    std::vector<Entry> entries;           // of a map, in the order of their keys

    bool is(Kind wanted) const { return kind == wanted; }
    std::string_view text() const { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }
    // The integer, where it is one and lies within low..high.
    std::optional<std::int64_t> integer(std::int64_t low, std::int64_t high) const;
    // What a map has for a key, or null.
    const Value* find(std::uint64_t key) const;
};

struct Entry {
    Value key, value;
};

// The one map that the bytes are, nothing behind it. Trouble (Kind::payload) where they are not.
Value read_map(std::span<const std::uint8_t> data);

}  // namespace candela::cbor
