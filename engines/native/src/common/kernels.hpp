// Choosing the kernel of an instruction set, for every kind of kernel alike.
#pragma once

#include <algorithm>
#include <initializer_list>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "candela/dense.hpp"

namespace candela {

// Those of `built` that the processor can run, the best first: they are built for the same sets as the dense kernels.
// A kernel has a name, and `entry` gives a function of it that is null where the compiler does not target its set.
template <class Kernel, class Entry>
std::vector<Kernel> usable_kernels(std::initializer_list<Kernel> built, Entry entry) {
    std::vector<Kernel> found;
    for (Kernel kernel : built) {
        kernel.usable = entry(kernel) && std::ranges::any_of(dense_kernels(), [&](const auto& dense) {
                            return dense.usable && dense.name == kernel.name;
                        });
        if (kernel.usable) found.push_back(kernel);
    }
    return found;
}

// The kernel of that name, or of the set in use where it is empty; std::invalid_argument where there is none.
template <class Kernel>
const Kernel& kernel_named(const std::vector<Kernel>& kernels, std::string_view isa) {
    const std::string_view wanted = isa.empty() ? dense_kernel().name : isa;
    for (const auto& kernel : kernels) {
        if (kernel.name == wanted) return kernel;
    }
    throw std::invalid_argument("no " + std::string(wanted) + " on this machine");
}

}  // namespace candela
