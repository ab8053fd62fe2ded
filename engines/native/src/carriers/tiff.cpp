// TIFF and BigTIFF: private tag 65226 in the first IFD. Source: TIFF 6.0 section 2; The BigTIFF File Format.
#include "candela/payload.hpp"
#include "carrier.hpp"

namespace candela::carriers {
namespace {

constexpr std::uint64_t our_tag = 65226, most_entries = 0xFFFF;
constexpr std::string_view tiff_magic = "CNDL";
constexpr int grown_in_place = 2;

struct Form {
    std::string_view head;
    bool is_little, is_big;
};
constexpr Form forms[] = {
    {std::string_view("II*\0", 4), true, false},
    {std::string_view("MM\0*", 4), false, false},
    {std::string_view("II+\0\x08\0\0\0", 8), true, true},
    {std::string_view("MM\0+\0\x08\0\0", 8), false, true},
};

const Form* form_of(View head) {
    for (const auto& form : forms) {
        if (begins(head, form.head)) return &form;
    }
    return nullptr;
}

bool is_tiff(View head) { return form_of(head) != nullptr; }

struct Layout {
    bool is_little;
    std::size_t word;  // bytes of an offset
    std::vector<Bytes> entries;

    std::uint64_t number(View bytes) const { return is_little ? little(bytes) : big(bytes); }
    std::uint64_t count(const Bytes& entry) const { return number(View(entry).subspan(4, word)); }
    std::uint64_t value(const Bytes& entry) const { return number(View(entry).last(word)); }
};

Layout layout_of(Source& source) {
    const Form* form = form_of(source.head(8));
    if (!form) source.broken("is not a TIFF");
    Layout out{form->is_little, form->is_big ? std::size_t{8} : 4, {}};
    const Place count_width = form->is_big ? 8 : 2, entry_size = form->is_big ? 20 : 12;
    const Place at = out.number(source.read(out.word, out.word));
    if (at < 2 * out.word || plus(at, count_width) > source.size()) {
        source.broken("the first IFD is said to be at byte " + std::to_string(at) + " of " + std::to_string(source.size()) +
                      ": damaged");
    }
    const std::uint64_t count = out.number(source.read(at, count_width));
    const Place first = at + count_width;
    if (count < 1 || count > most_entries || first + entry_size * count + out.word > source.size()) {
        source.broken("the first IFD claims " + std::to_string(count) + " entries at byte " + std::to_string(at) +
                      " in a file of " + std::to_string(source.size()) + " bytes: truncated or damaged");
    }
    for (std::uint64_t i = 0; i < count; ++i) out.entries.push_back(source.read(first + i * entry_size, entry_size));
    return out;
}

bool is_ours(Source& source, const Layout& layout, const Bytes& entry) {
    const auto type = layout.number(View(entry).subspan(2, 2));
    if (layout.number(View(entry).first(2)) != our_tag || (type != 1 && type != 7)) return false;
    const Place at = layout.value(entry);
    return plus(at, tiff_magic.size()) <= source.size() && begins(source.read(at, tiff_magic.size()), tiff_magic);
}

Bytes payload_of(Source& source, const Layout& layout, const Bytes& entry) {
    const std::uint64_t count = layout.count(entry);
    const Place at = layout.value(entry);
    const std::uint64_t around = tiff_magic.size() + layout.word + 1 + 4;
    if (count > most_payload + around) check_claim(source, static_cast<std::int64_t>(std::min(count, std::uint64_t{INT64_MAX})));
    if (count < tiff_magic.size() + 2 + 4 || plus(at, count) > source.size()) {
        source.spoiled("carries a payload of which the end is missing");
    }
    Bytes raw = source.read(at, count);
    check_crc(source, View(raw).last(4), {View(raw).first(raw.size() - 4)});
    const std::uint8_t flags = raw[raw.size() - 5];
    const std::size_t behind = 5 + (flags & grown_in_place ? 0 : layout.word);
    check_claim(source, static_cast<std::int64_t>(count) - static_cast<std::int64_t>(behind + tiff_magic.size()));
    return {raw.begin() + static_cast<std::ptrdiff_t>(tiff_magic.size()), raw.end() - static_cast<std::ptrdiff_t>(behind)};
}

std::vector<Bytes> find_in_tiff(Source& source) {
    const Layout layout = layout_of(source);
    std::vector<const Bytes*> ours;
    for (const auto& entry : layout.entries) {
        if (is_ours(source, layout, entry)) ours.push_back(&entry);
    }
    check_copies(source, ours.size());
    std::vector<Bytes> out;
    for (const Bytes* entry : ours) out.push_back(payload_of(source, layout, *entry));
    return out;
}

}  // namespace

const Carrier tiff = {"tiff", is_tiff, find_in_tiff};

}  // namespace candela::carriers
