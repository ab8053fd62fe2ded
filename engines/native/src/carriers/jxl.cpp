// JPEG XL: a box `cndl`, `cndo` or `cndb` in the container. Source: ISO/IEC 18181-2.
#include <algorithm>

#include "boxes.hpp"
#include "candela/payload.hpp"
#include "carrier.hpp"

namespace candela::carriers {
namespace {

constexpr std::string_view signature{"\x00\x00\x00\x0cJXL \r\n\x87\n", 12}, bare = "\xff\x0a";
constexpr std::string_view marks[] = {"cndl", "cndo", "cndb"};
constexpr std::string_view known[] = {"JXL ", "ftyp", "jxll", "jxli", "jbrd", "brob", "Exif", "xml ",
                                      "jumb", "jxlc", "jxlp", "cndl", "cndo", "cndb"};

bool is_jxl(View head) { return begins(head, bare) || begins(head, signature); }

std::vector<Bytes> find_in_jxl(Source& source) {
    if (begins(source.head(bare.size()), bare)) return {};
    const auto boxes = walk(source, known);
    if (std::ranges::none_of(boxes, [](const Box& box) { return box.kind == "jxlc" || box.kind == "jxlp"; })) {
        source.broken("a JPEG XL container without a codestream");
    }
    return marked(source, boxes, marks, most_payload, most_copies);
}

}  // namespace

const Carrier jxl = {"jxl", is_jxl, find_in_jxl};

}  // namespace candela::carriers
