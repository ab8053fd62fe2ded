// PNG: one ancillary chunk `cdLa` anywhere up to IEND. Source: PNG Specification (Third Edition), W3C, 5.3.
#include "carrier.hpp"

namespace candela::carriers {
namespace {

constexpr std::string_view ours = "cdLa";
constexpr int most_chunks = 1 << 20;

bool is_png(View head) { return begins(head, "\x89PNG\r\n\x1a\n"); }

bool is_type(std::string_view kind) {
    for (const char c : kind) {
        if (!((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'))) return false;
    }
    return true;
}

struct Chunk {
    Place start, end;
};

std::vector<Chunk> chunks_of_ours(Source& source) {
    std::vector<Chunk> found;
    Place at = 8;
    for (int number = 0; number < most_chunks; ++number) {
        const Bytes head = source.read(at, 8);
        const Place length = big(View(head).first(4));
        const std::string_view kind = text_of(View(head).last(4));
        if (!is_type(kind)) source.broken("what should be a PNG chunk at byte " + std::to_string(at) + " has no such type");
        const Chunk chunk{at, at + 12 + length};
        if (length > 0x7FFFFFFF || chunk.end > source.size()) {
            source.broken("PNG chunk " + std::string(kind) + " at byte " + std::to_string(at) + " claims " +
                          std::to_string(length) + " bytes, the file ends at " + std::to_string(source.size()) +
                          ": truncated or damaged");
        }
        if (!number && kind != "IHDR" && kind != "CgBI") {
            source.broken("the first PNG chunk is " + std::string(kind) + ", not IHDR");
        }
        if (kind == ours) found.push_back(chunk);
        if (kind == "IEND") return found;
        at = chunk.end;
    }
    source.broken("more than " + std::to_string(most_chunks) + " PNG chunks");
}

std::vector<Bytes> find_in_png(Source& source) {
    const auto chunks = chunks_of_ours(source);
    check_copies(source, chunks.size());
    std::vector<Bytes> out;
    for (const auto& chunk : chunks) {
        const Place size = chunk.end - chunk.start - 12;
        check_claim(source, static_cast<std::int64_t>(size));
        out.push_back(source.read(chunk.start + 8, size));
        check_crc(source, source.read(chunk.end - 4, 4), {view_of(ours), out.back()});
    }
    return out;
}

}  // namespace

const Carrier png = {"png", is_png, find_in_png};

}  // namespace candela::carriers
