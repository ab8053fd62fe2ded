// The table of an instruction set, from the kernels over its vector type. Included by one source for each.
#pragma once

#include "layers.hpp"
#include "optimise.hpp"

namespace candela {
namespace {

// J units by C vectors of samples forward and backward, 4 x B weights in the gradients: what fits the registers.
template <class V, int J, int C, int B>
FitKernel fit_kernel() {
    return {&chunk_gradients<V, J, C, B>, &chunk_errors<V, J, C>, &adam_update<V>,
            &soap_update<V>,              &soap_turn<V>,          &add_to<V>};
}

}  // namespace
}  // namespace candela
