// Which kernel a fit runs on.
#pragma once

#include <string_view>

#include "kernel.hpp"

namespace candela {

// The kernel of an instruction set, or for no name of the one in use. std::invalid_argument where there is none.
const FitKernel& find_fit_kernel(std::string_view isa);

}  // namespace candela
