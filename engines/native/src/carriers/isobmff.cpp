// ISO base media files: a top-level `uuid` box, with a payload in pictures and a reel in movies. Source: ISO/IEC
// 14496-12:2022 4.2, 4.3; ISO/IEC 23008-12 (HEIF); ISO/IEC 15444-1 Annex I (JP2); QuickTime File Format.
#include <algorithm>

#include "boxes.hpp"
#include "candela/payload.hpp"
#include "carrier.hpp"

namespace candela::carriers {
namespace {

// The last bit of the identifier says that the box before it had an open end.
constexpr std::string_view marks_of_movies[] = {
    "uuid\xb6\x61\x60\xcd\x53\xe2\x49\x5d\x96\x30\xad\x14\x7a\x80\x8d\xb4",
    "uuid\xb6\x61\x60\xcd\x53\xe2\x49\x5d\x96\x30\xad\x14\x7a\x80\x8d\xb5",
};
constexpr std::string_view jp2{"\x00\x00\x00\x0cjP  \r\n\x87\n", 12};
constexpr std::string_view pictures[] = {"avif", "avis", "heic", "heix", "hevc", "hevx", "heim", "heis", "mif1", "msf1"};
// QuickTime files from before `ftyp` begin with one of these, or with filler or a preview.
constexpr std::string_view first[] = {"moov", "mdat", "wide"}, first_small[] = {"free", "skip", "pnot"};
constexpr std::string_view media[] = {"meta", "moov", "moof", "jp2c"};
constexpr std::string_view boxes_of_movies[] = {"moov", "mdat", "wide", "free", "skip", "pnot", "meta", "moof", "jp2c",
                                                "ftyp", "styp", "uuid", "mfra", "sidx", "jp2h", "jP  ", "idat"};

bool among(std::span<const std::string_view> words, std::string_view word) {
    return std::ranges::find(words, word) != words.end();
}

std::string_view word_at(View head, std::size_t at) {
    return text_of(head).substr(std::min(at, head.size()), 4);
}

bool is_picture(View head) {
    if (word_at(head, 4) != "ftyp") return begins(head, jp2);
    if (among(pictures, word_at(head, 8))) return true;
    for (std::size_t at = 16; at < head.size(); at += 4) {
        if (among(pictures, word_at(head, at))) return true;
    }
    return false;
}

bool is_movie(View head) {
    const std::string_view kind = word_at(head, 4);
    if (kind == "ftyp") return !is_picture(head);
    // The words are English: text that has one there does not begin with the NUL of a small size.
    return among(first, kind) || (among(first_small, kind) && head[0] == 0);
}

std::vector<Bytes> find_in_isobmff(Source& source, std::size_t largest, std::size_t copies) {
    const auto boxes = walk(source, boxes_of_movies);
    if (std::ranges::none_of(boxes, [](const Box& box) { return among(media, box.kind); })) {
        source.broken("a file of boxes without pictures (no meta, moov, moof or jp2c)");
    }
    return marked(source, boxes, marks_of_movies, largest, copies);
}

std::vector<Bytes> find_payload(Source& source) { return find_in_isobmff(source, most_payload, most_copies); }
std::vector<Bytes> find_reel(Source& source) { return find_in_isobmff(source, most_reel, most_reels); }

}  // namespace

const Carrier isobmff = {"isobmff", is_picture, find_payload};
const Carrier mp4 = {"mp4", is_movie, find_reel};

}  // namespace candela::carriers
