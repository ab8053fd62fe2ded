// The loops for what the compiler targets without being told: NEON on 64-bit Arm, SSE2 on x86-64.
#include "loops.hpp"

namespace candela {
VideoLoops portable_video_loops() { return video_loops_of("portable"); }
}  // namespace candela
