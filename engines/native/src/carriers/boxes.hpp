// Boxes, the grammar of ISO base media files and of JPEG XL containers. Source: ISO/IEC 14496-12:2022 4.2.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "source.hpp"

namespace candela::carriers {

// One top-level box; open_ended: its size is given as 0, so it ends with the file.
struct Box {
    std::string kind;
    Place start, body, end;
    bool open_ended;
};

// Top-level boxes. Bytes behind them are told from a truncated box by its type: `known` ones must be whole.
std::vector<Box> walk(Source& source, std::span<const std::string_view> known);

// Payloads of boxes of short size that begin with one of the marks (a type and what follows it), each before its CRC.
std::vector<Bytes> marked(Source& source, const std::vector<Box>& boxes, std::span<const std::string_view> marks,
                          std::size_t largest, std::size_t copies);

}  // namespace candela::carriers
