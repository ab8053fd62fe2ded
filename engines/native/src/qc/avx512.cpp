// The loops for AVX-512. Built with its flags, run only where the processor has it.
#include "qc.hpp"

#if defined(__AVX512F__)
#include "loops.hpp"

namespace candela {
QcLoops avx512_qc_loops() { return qc_loops_of("avx512"); }
}  // namespace candela
#else
namespace candela {
QcLoops avx512_qc_loops() { return {}; }
}  // namespace candela
#endif
