// A build without CUDA.
#include "gpu/device.hpp"

extern "C" const candela::plugin::gpu::Device* candela_cuda() { return nullptr; }
