// A default network, as the engine has laid it out, for a job.
#pragma once

#include "candela/frame.hpp"
#include "tables.hpp"

namespace candela::plugin::gpu {

// Fills `network` and `base` of a job whose frame, `needed` and `whole` are set, but for `full` and `step`.
void pack_network(const DefaultNetwork& from, Job& job, Tables& tables);

}  // namespace candela::plugin::gpu
