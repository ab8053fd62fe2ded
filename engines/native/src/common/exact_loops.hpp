// What loops need whose results must not depend on the instruction set. Include it before they begin: the rounding
// holds from here to the end of the source.
#pragma once

// One rounding for a product and a sum would make the sets differ. GCC takes it from -ffp-contract=off alone.
#if defined(__clang__)
#pragma clang fp contract(off)
#elif defined(_MSC_VER)
#pragma fp_contract(off)
#endif

#if defined(_MSC_VER)
#define CANDELA_APART __restrict
#else
#define CANDELA_APART __restrict__
#endif
