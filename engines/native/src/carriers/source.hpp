// A file to be read by position, a little of it. Twin of candela_engines/itm/carriers/_source.py, reading side.
#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "candela/trouble.hpp"

namespace candela::carriers {

using Bytes = std::vector<std::uint8_t>;
using View = std::span<const std::uint8_t>;
using Place = std::uint64_t;

// A sum of places that files claim: past the end of all numbers it stays there, beyond the end of every file.
constexpr Place plus(Place a, Place b) { return a + b < a ? ~Place{0} : a + b; }

inline std::string_view text_of(View bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }
inline bool begins(View bytes, std::string_view with) { return text_of(bytes).starts_with(with); }

std::uint64_t big(View bytes);
std::uint64_t little(View bytes);

class Source {
public:
    // Trouble (media) for what is not there, is no regular file or cannot be read.
    explicit Source(const std::filesystem::path& path);

    Place size() const { return size_; }

    // Exactly `count` bytes from `start`, or Trouble (carrier). Callers bound `count` themselves.
    Bytes read(Place start, Place count);
    Bytes head(Place count) { return read(0, std::min(count, size_)); }
    std::uint8_t byte(Place at) { return read(at, 1)[0]; }

    // Errors that name the file.
    [[noreturn]] void broken(const std::string& what) const { fail(Trouble::Kind::carrier, what); }
    [[noreturn]] void spoiled(const std::string& what) const { fail(Trouble::Kind::payload, what); }
    [[noreturn]] void fail(Trouble::Kind kind, const std::string& what) const;

private:
    void fill(Place start, Place count, Bytes& out);

    std::string name_;
    std::ifstream file_;
    Place size_ = 0, block_at_ = 0;
    Bytes block_;  // the last one read, for parsers that read a few bytes at a time
};

// A path for messages, in UTF-8.
std::string shown(const std::filesystem::path& path);

}  // namespace candela::carriers
