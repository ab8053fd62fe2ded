// Headers of boxes, one after another, however large the file.
#include "boxes.hpp"

#include <algorithm>

#include "carrier.hpp"

namespace candela::carriers {
namespace {

constexpr std::size_t most_boxes = 1 << 18;

bool is_type(View kind) {
    return std::ranges::all_of(kind, [](std::uint8_t c) { return (c >= 0x20 && c < 0x7F) || c == 0xA9; });
}

// The box at `at` in `out`; false where there is none.
bool box_at(Source& source, Place at, Box& out) {
    const Place left = source.size() - at;
    if (left < 8) return false;
    const Bytes head = source.read(at, 8);
    const Place size = big(View(head).first(4));
    if (!is_type(View(head).last(4))) return false;
    out = {std::string(text_of(View(head).last(4))), at, at + 8, size ? at + size : source.size(), size == 0};
    if (size == 1) {
        if (left < 16) return false;
        out.body = at + 16;
        out.end = plus(at, big(source.read(at + 8, 8)));
    }
    return out.end <= source.size() && out.end >= out.body;
}

}  // namespace

std::vector<Box> walk(Source& source, std::span<const std::string_view> known) {
    std::vector<Box> boxes;
    for (Place at = 0; at < source.size(); at = boxes.back().end) {
        if (boxes.size() == most_boxes) source.broken("more than " + std::to_string(most_boxes) + " boxes");
        Box box;
        if (!box_at(source, at, box)) {
            const Bytes head = source.read(at, std::min<Place>(8, source.size() - at));
            const std::string_view kind = text_of(View(head).subspan(std::min<std::size_t>(4, head.size())));
            if (boxes.empty() || std::ranges::find(known, kind) != known.end()) {
                source.broken("the box at byte " + std::to_string(at) + " has an impossible size in a file of " +
                              std::to_string(source.size()) + " bytes: truncated or damaged");
            }
            break;
        }
        boxes.push_back(std::move(box));
    }
    return boxes;
}

std::vector<Bytes> marked(Source& source, const std::vector<Box>& boxes, std::span<const std::string_view> marks,
                          std::size_t largest, std::size_t copies) {
    struct Ours {
        Place start, end;
        std::string_view mark;
    };
    std::vector<Ours> ours;
    for (const auto& box : boxes) {
        const Place start = box.start + 4;
        if (box.body != box.start + 8 || box.open_ended) continue;
        for (const auto mark : marks) {
            if (box.kind == mark.substr(0, 4) && box.end - start >= mark.size() &&
                text_of(source.read(start, mark.size())) == mark) {
                ours.push_back({start + mark.size(), box.end - 4, mark});
                break;
            }
        }
    }
    check_copies(source, ours.size(), copies);
    std::vector<Bytes> out;
    for (const auto& [start, end, mark] : ours) {
        check_claim(source, static_cast<std::int64_t>(end) - static_cast<std::int64_t>(start), largest);
        out.push_back(source.read(start, end - start));
        check_crc(source, source.read(end, 4), {view_of(mark), out.back()});
    }
    return out;
}

}  // namespace candela::carriers
