// Elements, the grammar of Matroska files. Source: RFC 8794 (EBML).
#pragma once

#include <vector>

#include "source.hpp"

namespace candela::carriers {

// One element: content from `body` to `end`. open_ended: of no stated size; `end` is its parent's.
struct Element {
    std::uint64_t id;
    Place start, body, end;
    bool open_ended;
};

// The element at `at`, which has to end at `limit` or before. Only its header is read.
Element element_at(Source& source, Place at, Place limit);

// All elements inside one, at most `most`, each of a stated size.
std::vector<Element> children(Source& source, const Element& parent, std::size_t most);

}  // namespace candela::carriers
