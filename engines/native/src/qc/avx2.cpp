// The loops for AVX2. Built with its flags, run only where the processor has it.
#include "qc.hpp"

#if defined(__AVX2__)
#include "loops.hpp"

namespace candela {
QcLoops avx2_qc_loops() { return qc_loops_of("avx2"); }
}  // namespace candela
#else
namespace candela {
QcLoops avx2_qc_loops() { return {}; }
}  // namespace candela
#endif
