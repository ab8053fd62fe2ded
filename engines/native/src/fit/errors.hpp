// Errors of many samples, by pieces that threads share.
#pragma once

#include "candela/fit.hpp"
#include "kernel.hpp"
#include "team.hpp"

namespace candela {

// Threads that are worth having when a caller asks for `threads` (0: as many as the machine has).
int team_size(int threads);

// Mean over samples and outputs of the squared weighted error. scratch: room for each worker of the team.
double mean_square(const FitKernel& kernel, const NetworkShape& shape, const float* parameters, const Samples& samples,
                   Team& team, float* const* scratch);

}  // namespace candela
