// Loops over rows or pixels, in pieces that threads take.
#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>

#include "candela/threads.hpp"

namespace candela {

// Calls f(first, last) on pieces of 0..count − 1, `piece` long.
template <class F>
void in_pieces(std::size_t count, std::size_t piece, int threads, F f) {
    const std::size_t pieces = (count + piece - 1) / piece;
    const auto work = [&](std::size_t i) { f(i * piece, std::min(count, (i + 1) * piece)); };
    share_out(pieces, thread_count(threads), [&] { return std::function<void(std::size_t)>(work); });
}

// Pieces of about 64K numbers where a row holds so many.
inline std::size_t rows_of(std::size_t numbers) { return std::max<std::size_t>(1, (1u << 16) / std::max<std::size_t>(numbers, 1)); }

}  // namespace candela
