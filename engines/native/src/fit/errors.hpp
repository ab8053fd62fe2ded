// Errors of many samples, by pieces that threads share.
#pragma once

#include "candela/fit.hpp"
#include "kernel.hpp"
#include "team.hpp"

namespace candela {

// Threads that are worth having when a caller asks for `threads` (0: as many as the machine has).
int team_size(int threads);

}  // namespace candela
