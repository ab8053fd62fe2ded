// The loops for AVX2 with FMA. Built with -mavx2 -mfma, run only where the processor has them.
#include "rows.hpp"

#if defined(__AVX2__)
#include "loops.hpp"

namespace candela {
RowLoops avx2_row_loops() { return loops_of("avx2"); }
}  // namespace candela
#else
namespace candela {
RowLoops avx2_row_loops() { return {}; }
}  // namespace candela
#endif
