// The loops for any processor.
#include "loops.hpp"
#include "qc.hpp"

namespace candela {
QcLoops portable_qc_loops() { return qc_loops_of("portable"); }
}  // namespace candela
