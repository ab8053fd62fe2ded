// The `.candela` file beside a picture or movie: 8 bytes, the payload or reel, its CRC-32.
#include "candela/payload.hpp"
#include "carrier.hpp"

namespace candela::carriers {
namespace {

constexpr std::string_view magic = "\x89" "CNDL\r\n\x1a";

bool is_sidecar(View head) { return begins(head, magic); }

std::vector<Bytes> find_in_sidecar(Source& source) {
    const auto size = static_cast<std::int64_t>(source.size()) - static_cast<std::int64_t>(magic.size() + 4);
    const bool reel = size >= 4 && is_reel(source.read(magic.size(), 4));
    check_claim(source, size, reel ? most_reel : most_payload);
    Bytes payload = source.read(magic.size(), static_cast<Place>(size));
    check_crc(source, source.read(source.size() - 4, 4), {payload});
    return {std::move(payload)};
}

}  // namespace

const Carrier sidecar = {"sidecar", is_sidecar, find_in_sidecar};

}  // namespace candela::carriers
