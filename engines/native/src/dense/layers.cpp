// Layers as the kernel reads them, and which kernels there are.
#include <algorithm>
#include <cstdlib>
#include <stdexcept>
#include <string>

#include "candela/dense.hpp"
#include "isa.hpp"

#if defined(_MSC_VER) && defined(_M_X64)
#include <intrin.h>
#endif

namespace candela {

Layers::Layers(std::vector<int> sizes, const std::vector<const float*>& weights,
               const std::vector<const float*>& biases)
    : sizes_(std::move(sizes)) {
    if (sizes_.size() < 2 || weights.size() != sizes_.size() - 1 || biases.size() != weights.size()) {
        throw std::invalid_argument("layers: " + std::to_string(sizes_.size()) + " sizes go with one array less");
    }
    for (const int size : sizes_) {
        if (size < 1 || size > most_units) throw std::invalid_argument("a layer of " + std::to_string(size) + " units");
    }
    for (int l = 0; l < depth(); ++l) {
        const int in = sizes_[l], out = sizes_[l + 1];
        at_.push_back(numbers_.size());
        for (int j = 0; j < out; ++j) {
            for (int k = 0; k < in; ++k) numbers_.push_back(weights[l][static_cast<std::size_t>(k) * out + j]);
        }
        numbers_.insert(numbers_.end(), biases[l], biases[l] + out);
    }
}

int Layers::widest() const { return *std::max_element(sizes_.begin(), sizes_.end()); }

std::size_t Layers::work() const {
    std::size_t sum = 0;
    for (int l = 0; l < depth(); ++l) sum += static_cast<std::size_t>(sizes_[l]) * sizes_[l + 1];
    return sum;
}

Layers::Layer Layers::layer(int index) const {
    const int in = sizes_[index], out = sizes_[index + 1];
    const float* at = numbers_.data() + at_[index];
    return {in, out, at, at + static_cast<std::size_t>(in) * out};
}

namespace {

bool has_avx512() {
#if defined(__GNUC__) && defined(__x86_64__)
    return __builtin_cpu_supports("avx512f");
#elif defined(_MSC_VER) && defined(_M_X64)
    int r[4];
    __cpuidex(r, 7, 0);
    return (r[1] >> 16 & 1) && (_xgetbv(0) & 0xE6) == 0xE6;
#else
    return false;
#endif
}

bool has_avx2() {
#if defined(__GNUC__) && defined(__x86_64__)
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
#elif defined(_MSC_VER) && defined(_M_X64)
    int r[4], s[4];
    __cpuidex(r, 7, 0);
    __cpuid(s, 1);
    return (r[1] >> 5 & 1) && (s[2] >> 12 & 1) && (_xgetbv(0) & 6) == 6;
#else
    return false;
#endif
}

}  // namespace

const std::vector<DenseKernel>& dense_kernels() {
    static const std::vector<DenseKernel> kernels = [] {
        std::vector<DenseKernel> found;
        if (const auto run = avx512_kernel()) found.push_back({"avx512", run, has_avx512()});
        if (const auto run = avx2_kernel()) found.push_back({"avx2", run, has_avx2()});
        if (const auto run = neon_kernel()) found.push_back({"neon", run, true});
        found.push_back({"portable", portable_kernel(), true});
        return found;
    }();
    return kernels;
}

const DenseKernel& dense_kernel() {
    const char* wanted = std::getenv("CANDELA_ISA");
    const auto& kernels = dense_kernels();
    for (const auto& kernel : kernels) {
        if (kernel.usable && wanted && kernel.name == wanted) return kernel;
    }
    return *std::find_if(kernels.begin(), kernels.end(), [](const auto& kernel) { return kernel.usable; });
}

}  // namespace candela
