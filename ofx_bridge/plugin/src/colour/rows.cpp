// Which loops the processor can run: those of the engine's choice.
#include "rows.hpp"

#include <string_view>

#include "candela/dense.hpp"

namespace candela::plugin {

const RowKernels& row_kernels() {
    static const RowKernels& chosen = []() -> const RowKernels& {
        const std::string_view wanted = dense_kernel().name;
        // The engine asks for less of AVX-512 than compilers take for such loops.
#if defined(__x86_64__) && defined(__GNUC__)
        const bool wide = __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw");
#else
        const bool wide = false;
#endif
        if (wanted == "avx512" && wide && avx512_rows()) return *avx512_rows();
        if ((wanted == "avx512" || wanted == "avx2") && avx2_rows()) return *avx2_rows();
        return *portable_rows();
    }();
    return chosen;
}

}  // namespace candela::plugin
