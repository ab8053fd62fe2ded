// Which loops run: those of the instruction set that the dense kernel uses.
#include <algorithm>
#include <stdexcept>
#include <string>

#include "candela/dense.hpp"
#include "qc.hpp"

namespace candela {
namespace {

// Whether AVX-512 has lanes of 16 bits, where it is there at all.
bool short_lanes() {
#if (defined(__GNUC__) || defined(__clang__)) && defined(__x86_64__)
    return __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl");
#else
    return true;
#endif
}

}  // namespace

const QcLoops& qc_loops(std::string_view isa) {
    static const QcLoops all[] = {avx512_qc_loops(), avx2_qc_loops(), portable_qc_loops()};
    std::string_view wanted = isa.empty() ? dense_kernel().name : isa;
    const bool usable = std::ranges::any_of(
        dense_kernels(), [&](const auto& kernel) { return kernel.usable && kernel.name == wanted; });
    if (!usable) throw std::invalid_argument("no " + std::string(wanted) + " on this machine");
    if (wanted == "avx512" && !short_lanes()) wanted = "avx2";  // the first of the processors with AVX-512
    for (const QcLoops& loops : all) {
        if (!loops.name.empty() && loops.name == wanted) return loops;
    }
    return all[2];  // on Arm the portable loops are NEON's
}

}  // namespace candela
