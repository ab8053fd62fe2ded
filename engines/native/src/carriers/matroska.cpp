// Matroska: an attached file `candela.reel` of type `application/x-candela`, byte for byte a sidecar file. Source: RFC 9559
// 5.1.6 (Attachments). Only headers are read, one for every Cluster.
#include <algorithm>
#include <optional>

#include "candela/payload.hpp"
#include "carrier.hpp"
#include "ebml.hpp"

namespace candela::carriers {
namespace {

constexpr std::uint64_t ebml = 0x1A45DFA3, empty = 0xEC, checksum = 0xBF, segment_id = 0x18538067, seek_head = 0x114D9B74;
constexpr std::uint64_t cluster = 0x1F43B675, tracks = 0x1654AE6B, attachments = 0x1941A469;
constexpr std::uint64_t attached_file = 0x61A7, file_name = 0x466E, file_type = 0x4660, file_data = 0x465C;
constexpr std::size_t most_parts = 1 << 16, most_clusters = 1 << 20, most_attached = 1 << 12, most_fields = 64;
constexpr std::size_t most_masters = 16;
constexpr Place longest_tag = 255;
constexpr std::string_view magic = "\x89" "CNDL\r\n\x1a";

bool is_matroska(View head) {
    if (!begins(head, "\x1a\x45\xdf\xa3")) return false;
    // The document's type, behind a size in as many bytes as the writer likes.
    const std::string_view text = text_of(head);
    for (auto at = text.find("\x42\x82"); at != std::string_view::npos; at = text.find("\x42\x82", at + 1)) {
        for (std::size_t size = 1; size <= 8; ++size) {
            if (text.size() >= at + 2 + size && text.substr(at + 2 + size).starts_with("matroska")) return true;
        }
    }
    return false;
}

// Attachments of the file, up to an element that does not state its size, as in a live recording.
std::vector<Element> attachments_of(Source& source) {
    const Element header = element_at(source, 0, source.size());
    Element segment = element_at(source, header.end, source.size());
    while ((segment.id == checksum || segment.id == empty) && !segment.open_ended) {
        segment = element_at(source, segment.end, source.size());
    }
    if (segment.id != segment_id) source.broken("no Segment behind the EBML header: damaged");
    std::vector<Element> found;
    std::size_t count = 0, parts = 0, heads = 0;
    bool media = false;
    for (Place at = segment.body; at < segment.end;) {
        const Element part = element_at(source, at, segment.end);
        if (segment.open_ended && part.id == ebml) break;  // another file behind this one
        if (++count > most_clusters || parts > most_parts) source.broken("more Matroska elements than a movie has");
        media = media || part.id == cluster || part.id == tracks;
        if (part.open_ended) break;
        parts += part.id != cluster;
        heads += part.id == seek_head;
        if (part.id == attachments) found.push_back(part);
        at = part.end;
    }
    if (!media) source.broken("a Matroska file without a movie (neither Tracks nor a Cluster)");
    if (heads > most_masters || found.size() > most_masters) {
        source.broken("more Matroska SeekHeads or Attachments than there may be: damaged");
    }
    return found;
}

// The data of an attached file of our name or type: where it is; an empty element where it has none.
std::optional<Element> data_of(Source& source, const Element& file) {
    bool ours = false;
    Element data{};
    for (const auto& child : children(source, file, most_fields)) {
        if (child.id == file_name || child.id == file_type) {
            const Bytes bytes = source.read(child.body, std::min(child.end - child.body, longest_tag + 1));
            std::string_view text = text_of(bytes);
            text = text.substr(0, text.find_last_not_of('\0') + 1);
            ours = ours || text == (child.id == file_name ? "candela.reel" : "application/x-candela");
        } else if (child.id == file_data) {
            data = child;
        }
    }
    return ours ? std::optional(data) : std::nullopt;
}

std::vector<Bytes> find_in_matroska(Source& source) {
    std::vector<Element> ours;
    for (const auto& each : attachments_of(source)) {
        for (const auto& file : children(source, each, most_attached)) {
            if (file.id != attached_file) continue;
            if (const auto data = data_of(source, file)) ours.push_back(*data);
        }
    }
    check_copies(source, ours.size(), most_reels);
    std::vector<Bytes> out;
    for (const auto& data : ours) {
        const auto size = static_cast<std::int64_t>(data.end - data.body) - static_cast<std::int64_t>(magic.size() + 4);
        check_claim(source, size, most_reel);
        if (text_of(source.read(data.body, magic.size())) != magic) {
            source.spoiled("the attached candela.reel does not begin as one: it was damaged or replaced");
        }
        out.push_back(source.read(data.body + magic.size(), static_cast<Place>(size)));
        check_crc(source, source.read(data.end - 4, 4), {out.back()});
    }
    return out;
}

}  // namespace

const Carrier matroska = {"matroska", is_matroska, find_in_matroska};

}  // namespace candela::carriers
