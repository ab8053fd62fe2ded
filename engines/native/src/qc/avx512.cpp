// The loops for AVX-512 with 16-bit lanes (BW). Built with its flags, run only where the processor has it.
#include "qc.hpp"

#if defined(__AVX512BW__)
#include "loops.hpp"

namespace candela {
QcLoops avx512_qc_loops() { return qc_loops_of("avx512"); }
}  // namespace candela
#else
namespace candela {
QcLoops avx512_qc_loops() { return {}; }
}  // namespace candela
#endif
