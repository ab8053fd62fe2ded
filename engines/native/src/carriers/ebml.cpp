// Identifiers of 1 to 4 bytes, sizes of 1 to 8; the number of leading zero bits says how many bytes either has.
#include "ebml.hpp"

#include <algorithm>
#include <bit>

namespace candela::carriers {
namespace {

constexpr Place longest_header = 12;

std::size_t width_of(std::uint8_t first) { return first ? static_cast<std::size_t>(std::countl_zero(first)) + 1 : 0; }

}  // namespace

Element element_at(Source& source, Place at, Place limit) {
    const Bytes head = source.read(at, std::min(longest_header, limit - at));
    const std::size_t id_width = head.empty() ? 0 : width_of(head[0]);
    const std::size_t width = id_width < head.size() ? width_of(head[id_width]) : 0;
    const Place body = at + id_width + width;
    if (id_width < 1 || id_width > 4 || !width || body > limit) {
        source.broken("there is no Matroska element at byte " + std::to_string(at) + ": truncated or damaged");
    }
    const std::uint64_t most = (std::uint64_t{1} << 7 * width) - 1, size = big(View(head).subspan(id_width, width)) & most;
    const std::uint64_t id = big(View(head).first(id_width));
    if (size == most) return {id, at, body, limit, true};
    if (size > limit - body) {
        source.broken("the Matroska element at byte " + std::to_string(at) + " claims " + std::to_string(size) +
                      " bytes, but only " + std::to_string(limit - body) + " are left: truncated or damaged");
    }
    return {id, at, body, body + size, false};
}

std::vector<Element> children(Source& source, const Element& parent, std::size_t most) {
    std::vector<Element> found;
    for (Place at = parent.body; at < parent.end; at = found.back().end) {
        if (found.size() == most) {
            source.broken("more than " + std::to_string(most) + " Matroska elements in one, at " + std::to_string(parent.start));
        }
        found.push_back(element_at(source, at, parent.end));
        if (found.back().open_ended) {
            source.broken("the Matroska element at byte " + std::to_string(at) + " does not state its size");
        }
    }
    return found;
}

}  // namespace candela::carriers
