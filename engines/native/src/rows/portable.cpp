// The loops for what the compiler targets without being told: NEON on 64-bit Arm, SSE2 on x86-64.
#include "loops.hpp"

namespace candela {
RowLoops portable_row_loops() { return loops_of("portable"); }
}  // namespace candela
