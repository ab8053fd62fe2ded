// Checks that all carriers make.
#include "carrier.hpp"

#include "../payload/crc.hpp"
#include "candela/payload.hpp"

namespace candela::carriers {

void check_claim(const Source& source, std::int64_t size, std::size_t most) {
    if (size < 1 || static_cast<std::uint64_t>(size) > most) {
        source.spoiled("claims to carry a payload of " + std::to_string(size) + " bytes; 1 to " + std::to_string(most) +
                       " are possible");
    }
}

void check_claim(const Source& source, std::int64_t size) { check_claim(source, size, most_payload); }

void check_copies(const Source& source, std::size_t count, std::size_t most) {
    if (count > most) {
        source.broken("carries " + std::to_string(count) + " payloads; up to " + std::to_string(most) +
                      " copies of one are looked at");
    }
}

void check_crc(const Source& source, View stored, std::initializer_list<View> parts) {
    std::uint32_t value = 0;
    for (const View part : parts) value = crc32(part, value);
    if (big(stored) != value) {
        source.spoiled("carries a payload that is damaged (its CRC differs); embed it anew, or get the file from where "
                       "it came from");
    }
}

}  // namespace candela::carriers
