// The one C function behind which CUDA is: cuda/cuda.cu has it where it is built in, cuda/none.cpp where not, and the tests
// have a stand-in that loops over pixels on the processor.
#pragma once

#include "job.hpp"

namespace candela::plugin::gpu {

enum class Outcome { done, out_of_memory, failed };

// Functions of a device. stream: the host's cudaStream_t, or null; then they return when the work is done. why: at least 256
// letters for what went wrong.
struct Device {
    Outcome (*render)(const Job& job, void* stream, char* why);
    // Rows of bytes to or from the device's memory, which are there when it returns; pitches may not be negative.
    Outcome (*copy)(void* to, std::size_t to_pitch, const void* from, std::size_t from_pitch, std::size_t bytes, std::size_t rows,
                    bool to_device, void* stream, char* why);
};

}  // namespace candela::plugin::gpu

// Null where there is no CUDA in this build, no driver, or no device that answers. Asked anew with every call.
extern "C" const candela::plugin::gpu::Device* candela_cuda();
