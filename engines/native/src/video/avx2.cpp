// The loops for AVX2. Built with its flags, run only where the processor has it.
#include "video.hpp"

#if defined(__AVX2__)
#include "loops.hpp"

namespace candela {
VideoLoops avx2_video_loops() { return video_loops_of("avx2"); }
}  // namespace candela
#else
namespace candela {
VideoLoops avx2_video_loops() { return {}; }
}  // namespace candela
#endif
