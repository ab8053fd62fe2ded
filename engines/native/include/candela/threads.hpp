// Work shared out to threads.
#pragma once

#include <cstddef>
#include <functional>

namespace candela {

// How many threads `wanted` means: 0 as many as the machine has, 256 at most.
std::size_t thread_count(int wanted);

// Calls work(item) for 0 <= item < count on up to `threads` threads; with_room makes what a thread works with. A helper
// that gets no room takes no item, and the others have them all. The first exception of any thread ends the work and is
// thrown on.
void share_out(std::size_t count, std::size_t threads,
               const std::function<std::function<void(std::size_t)>()>& with_room);

}  // namespace candela
