// Memory that plugins ask the host for: every block is counted, and guarded at its end.
#pragma once

#include <cstddef>

#include "abi.hpp"

namespace host {

class Effect;

const abi::MemorySuite& memory_suite();
abi::Status image_memory_alloc(abi::Effect, std::size_t, abi::ImageMemory*);
abi::Status image_memory_free(abi::ImageMemory);
abi::Status image_memory_lock(abi::ImageMemory, void**);
abi::Status image_memory_unlock(abi::ImageMemory);

// Blocks that were not freed; `effect`: those of an instance, or null for all.
void report_memory(const Effect* effect);

}  // namespace host
