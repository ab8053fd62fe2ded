// The loops for AVX-512. Built with its flags, run only where the processor has it.
#include "video.hpp"

#if defined(__AVX512F__)
#include "loops.hpp"

namespace candela {
VideoLoops avx512_video_loops() { return video_loops_of("avx512"); }
}  // namespace candela
#else
namespace candela {
VideoLoops avx512_video_loops() { return {}; }
}  // namespace candela
#endif
