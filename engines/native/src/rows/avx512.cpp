// The loops for AVX-512. Built with -mavx512f, run only where the processor has it.
#include "rows.hpp"

#if defined(__AVX512F__)
#include "loops.hpp"

namespace candela {
RowLoops avx512_row_loops() { return loops_of("avx512"); }
}  // namespace candela
#else
namespace candela {
RowLoops avx512_row_loops() { return {}; }
}  // namespace candela
#endif
