// Which parts of networks of sines there are.
#include "candela/sine.hpp"
#include "isa.hpp"

namespace candela {

const SineKernel& sine_kernel(const DenseKernel& kernel) {
    const SineKernel* found = kernel.name == "avx512" ? avx512_sines()
                              : kernel.name == "avx2" ? avx2_sines()
                              : kernel.name == "neon" ? neon_sines()
                                                      : nullptr;
    return found ? *found : *portable_sines();
}

void sines(const float* x, std::size_t n, float* out, const DenseKernel& kernel) { sine_kernel(kernel).sines(x, n, out); }

}  // namespace candela
