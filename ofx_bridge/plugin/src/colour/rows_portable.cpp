// The loops of rows_loops.hpp for one instruction set.
#include "rows_loops.hpp"

namespace candela::plugin {

const RowKernels* portable_rows() {
#if 1
    static constexpr RowKernels kernels = kernels_named("portable");
    return &kernels;
#else
    return nullptr;
#endif
}

}  // namespace candela::plugin
