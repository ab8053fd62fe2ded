// Arrays of floats on cache lines.
#pragma once

#include <cstddef>
#include <memory>
#include <new>

namespace candela {

struct AlignedFree {
    void operator()(void* p) const { ::operator delete[](p, std::align_val_t{64}); }
};
using AlignedFloats = std::unique_ptr<float[], AlignedFree>;

inline AlignedFloats aligned_floats(std::size_t count) {
    return AlignedFloats(static_cast<float*>(::operator new[](count * sizeof(float), std::align_val_t{64})));
}

}  // namespace candela
