// Work shared out to the host's threads, or to our own where it lends none.
#pragma once

#include <cstddef>
#include <functional>

#include "suites.hpp"

namespace candela::plugin {

// How many threads there are to have, at least 1.
unsigned thread_count();

// Calls work(item) for 0 <= item < count. Between items the host is asked whether anybody still waits (Aborted). The first
// exception of any thread ends the work and is thrown on.
void share_work(ofx::Effect effect, std::size_t count, const std::function<void(std::size_t)>& work);

}  // namespace candela::plugin
