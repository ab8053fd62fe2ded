// A reconstruction as a job of a device.
#pragma once

#include <optional>

#include "render/reconstruction.hpp"
#include "tables.hpp"

namespace candela::plugin::gpu {

struct Packed {
    Job job;
    Tables tables;  // that the job points at
};

// Into `out`; false for what no device renders: other networks than the default one, pictures that are scaled, and texts.
bool pack(const Reconstruction& from, const Look& look, Packed& out);

}  // namespace candela::plugin::gpu
