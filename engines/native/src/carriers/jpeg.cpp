// JPEG: APP11 segments with the identifier `CNDL`, up to the first scan. Source: ITU-T T.81 B.1.1.4.
#include <map>

#include "carrier.hpp"

namespace candela::carriers {
namespace {

constexpr std::string_view identifier{"CNDL\0", 5};
constexpr Place head_size = 4 + identifier.size() + 1;
constexpr int most_segments = 1 << 14, most_fill = 1 << 12, length_changed = 8;
constexpr std::uint8_t app11 = 0xEB, start_of_scan = 0xDA, end_of_image = 0xD9;

bool is_jpeg(View head) { return begins(head, "\xff\xd8\xff"); }

// Markers without a segment, and bytes that are no marker.
bool stands_alone(std::uint8_t code) {
    return code <= 1 || code == 0xFF || code == end_of_image || (code >= 0xD0 && code <= 0xD8);
}

struct Segment {
    Place start, end;
};

std::vector<Segment> segments_of_ours(Source& source) {
    std::vector<Segment> found;
    Place at = 2;
    for (int i = 0; i < most_segments; ++i) {
        Bytes marker = source.read(at, 2);
        for (int fill = 1; marker[0] == 0xFF && marker[1] == 0xFF; ++fill) {
            if (fill > most_fill) source.broken("more than 4096 fill bytes before a JPEG marker");
            marker = source.read(++at, 2);
        }
        const std::uint8_t code = marker[1];
        if (marker[0] == 0xFF && code == start_of_scan) return found;
        if (marker[0] != 0xFF || stands_alone(code)) {
            source.broken("no JPEG marker segment at byte " + std::to_string(at) + ", where one should be");
        }
        const Place length = big(source.read(at + 2, 2)), end = at + 2 + length;
        if (length < 2 || end > source.size()) {
            source.broken("JPEG segment at byte " + std::to_string(at) + " claims " + std::to_string(length) +
                          " bytes, the file ends at " + std::to_string(source.size()) + ": truncated or damaged");
        }
        if (code == app11 && end - at >= head_size && begins(source.read(at + 4, identifier.size()), identifier)) {
            found.push_back({at, end});
        }
        at = end;
    }
    source.broken("more than 16384 JPEG segments before the first scan");
}

std::vector<Bytes> find_in_jpeg(Source& source) {
    std::map<int, Bytes> parts;
    int last = -1;
    bool agree = true;
    for (const auto& segment : segments_of_ours(source)) {
        const int number = source.byte(segment.start + head_size - 1);
        Bytes data = source.read(segment.start + head_size, segment.end - segment.start - head_size);
        if (parts.contains(number >> 4) && parts[number >> 4] != data) {
            source.broken("carries different payloads; embed anew, or strip them all");
        }
        parts[number >> 4] = std::move(data);
        agree = agree && (last < 0 || last == (number & 15));
        last = number & 15;
    }
    if (parts.empty()) return {};
    // In order and without a gap, the last one is the one that the parts name.
    if (!agree || static_cast<int>(parts.size()) != (last & ~length_changed) + 1 ||
        parts.rbegin()->first != static_cast<int>(parts.size()) - 1) {
        source.spoiled("carries a payload of which JPEG segments are missing");
    }
    Bytes whole;
    for (const auto& [index, part] : parts) whole.insert(whole.end(), part.begin(), part.end());
    check_claim(source, static_cast<std::int64_t>(whole.size()) - 4);
    const Bytes stored(whole.end() - 4, whole.end());
    whole.resize(whole.size() - 4);
    const std::uint8_t flag[] = {static_cast<std::uint8_t>(last & length_changed)};
    check_crc(source, stored, {whole, flag});
    return {std::move(whole)};
}

}  // namespace

const Carrier jpeg = {"jpeg", is_jpeg, find_in_jpeg};

}  // namespace candela::carriers
