// DPX: a record at the end of the user-defined data. Source: SMPTE ST 268-1; candela_engines/itm/carriers/dpx.py has
// the layout of the record.
#include "carrier.hpp"

namespace candela::carriers {
namespace {

constexpr Place image_at = 4, industry_size_at = 28, user_size_at = 32, industry_at = 1664, user_at = 2048;
constexpr Place trailer_size = 12, identification = 32;
constexpr std::uint64_t undefined = 0xFFFFFFFF;
constexpr int was_section = 2;

bool is_dpx(View head) { return begins(head, "SDPX") || begins(head, "XPDS"); }

std::vector<Bytes> find_in_dpx(Source& source) {
    const bool is_big = begins(source.read(0, 4), "SDPX");
    const auto field = [&](Place at) { return is_big ? big(source.read(at, 4)) : little(source.read(at, 4)); };
    source.read(industry_at - 1, 1);
    const std::uint64_t image = field(image_at), industry = field(industry_size_at), user = field(user_size_at);
    const auto absent = [](std::uint64_t size) { return size == 0 || size == undefined; };
    const bool is_short = image == industry_at && absent(industry) && absent(user);
    const Place end = user_at + (user == undefined ? 0 : user);
    if (image > source.size() || !(is_short || end <= image)) {
        source.broken("the DPX header puts user data up to byte " + std::to_string(end) + " and the image at " +
                      std::to_string(image) + ", in a file of " + std::to_string(source.size()) +
                      " bytes: damaged, or not of this kind");
    }
    if (is_short || end < user_at + trailer_size) return {};
    const Bytes trailer = source.read(end - trailer_size, trailer_size);
    if (text_of(View(trailer).last(4)) != "CNDL") return {};
    const int flags = trailer[0];
    const auto length = static_cast<std::int64_t>(big(View(trailer).subspan(1, 3)));
    check_claim(source, length);
    const auto start = static_cast<std::int64_t>(end - trailer_size) - (flags >> 2 & 3) - length;
    const bool added = (flags & 3) != was_section;
    const std::int64_t record = start - (added ? static_cast<std::int64_t>(identification) : 0);
    if (added ? record != static_cast<std::int64_t>(user_at) : record <= static_cast<std::int64_t>(user_at)) {
        source.spoiled("carries a payload that does not fit into the user data: damaged");
    }
    Bytes payload = source.read(static_cast<Place>(start), static_cast<Place>(length));
    check_crc(source, View(trailer).subspan(4, 4), {View(trailer).first(4), payload});
    return {std::move(payload)};
}

}  // namespace

const Carrier dpx = {"dpx", is_dpx, find_in_dpx};

}  // namespace candela::carriers
