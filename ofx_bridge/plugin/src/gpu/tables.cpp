#include "tables.hpp"

#include <cstring>

namespace candela::plugin::gpu {

int Tables::add_words(const void* values, std::size_t count) {
    const std::size_t at = (words_.size() + 7) / 8 * 8;
    words_.resize(at + count);
    if (count) std::memcpy(words_.data() + at, values, 4 * count);
    return static_cast<int>(at);
}

}  // namespace candela::plugin::gpu
