// OpenEXR: attribute `candela` of type `cndl`, which says where behind the chunks the payload lies. Source: OpenEXR File
// Layout, "Header" and "Offset Tables".
#include <algorithm>

#include "carrier.hpp"
#include "exr_chunks.hpp"

namespace candela::carriers {
namespace {

constexpr std::size_t value_size = 16;
constexpr Place longest_name = 255;
constexpr int most_attributes = 1 << 18;
constexpr std::uint64_t most_blocks = 1 << 22;

bool is_exr(View head) { return begins(head, "\x76\x2f\x31\x01"); }

std::string name_at(Source& source, Place at) {
    const Place left = at < source.size() ? source.size() - at : 1;
    const Bytes bytes = source.read(at, std::min(longest_name + 1, left));
    const auto end = std::ranges::find(bytes, 0);
    if (end == bytes.end()) {
        source.broken("an EXR attribute at byte " + std::to_string(at) + " has no end to its name: damaged");
    }
    return {bytes.begin(), end};
}

struct Value {
    Place start, size;
};

struct Layout {
    std::vector<Value> ours;
    std::uint64_t chunks = 0;
    Place chunks_from = 0;  // behind the tables
};

// One header, whose closing NUL `at` then lies on; left: attributes that may still come.
ExrNeeded read_header(Source& source, Place& at, int& left, std::vector<Value>& ours) {
    ExrNeeded needed;
    const auto take = [&](Bytes& into, const Value& value, std::size_t size) {
        if (value.size == size) into = source.read(value.start, size);
    };
    for (;; --left) {
        if (!left) source.broken("more than " + std::to_string(most_attributes) + " EXR attributes");
        const std::string name = name_at(source, at);
        if (name.empty()) return needed;
        at += name.size() + 1;
        const std::string type = name_at(source, at);
        at += type.size() + 1;
        const Place length = little(source.read(at, 4));
        at += 4;
        if (length > 0x7FFFFFFF || at + length > source.size()) {
            source.broken("an EXR attribute before byte " + std::to_string(at) + " claims " + std::to_string(length) +
                          " bytes, the file ends at " + std::to_string(source.size()) + ": truncated or damaged");
        }
        const Value value{at, length};
        if (name == "candela" && type == "cndl") ours.push_back(value);
        if (name == "chunkCount") take(needed.chunk_count, value, 4);
        if (name == "compression") take(needed.compression, value, 1);
        if (name == "dataWindow") take(needed.data_window, value, 16);
        if (name == "tiles") take(needed.tiles, value, 9);
        at += length;
    }
}

Layout layout_of(Source& source) {
    const std::uint64_t version = little(source.read(4, 4));
    Layout out;
    Place at = 8;
    int left = most_attributes;
    for (bool first = true;; first = false) {
        if (!first && source.byte(at) == 0) {
            ++at;
            break;
        }
        const ExrNeeded needed = read_header(source, at, left, out.ours);
        ++at;
        out.chunks = plus(out.chunks, exr_chunk_count(source, needed, version));
        if (!(version & exr_multi_part)) break;
    }
    if (out.chunks > most_blocks || at + 8 * out.chunks > source.size()) {
        source.broken("the EXR headers call for " + std::to_string(out.chunks) + " chunks, their table at byte " +
                      std::to_string(at) + " does not fit into " + std::to_string(source.size()) +
                      " bytes: truncated or damaged");
    }
    out.chunks_from = at + 8 * out.chunks;
    return out;
}

Bytes payload_of(Source& source, const Layout& layout, const Value& value) {
    if (value.size != value_size) source.spoiled("the EXR attribute 'candela' has an impossible length");
    const Bytes stated = source.read(value.start, value_size);
    const Place start = little(View(stated).first(8)), length = little(View(stated).subspan(8, 4));
    check_claim(source, static_cast<std::int64_t>(length));
    if (start < layout.chunks_from || plus(start, length) > source.size()) {
        source.spoiled("the payload is not at byte " + std::to_string(start) +
                       ", where it should be: the file was written by another program after embedding");
    }
    Bytes payload = source.read(start, length);
    std::uint8_t counted[4];
    for (int i = 0; i < 4; ++i) counted[i] = static_cast<std::uint8_t>(layout.chunks >> 8 * i);
    check_crc(source, View(stated).last(4), {View(stated).first(12), counted, payload});
    return payload;
}

std::vector<Bytes> find_in_exr(Source& source) {
    const Layout layout = layout_of(source);
    check_copies(source, layout.ours.size());
    std::vector<Bytes> out;
    for (const auto& value : layout.ours) out.push_back(payload_of(source, layout, value));
    return out;
}

}  // namespace

const Carrier exr = {"exr", is_exr, find_in_exr};

}  // namespace candela::carriers
