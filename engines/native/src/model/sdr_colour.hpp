// What the kernels have to know of an SDR colour state. Twin of candela_engines/itm/whole_frame.py and colour/gamuts.py.
#pragma once

#include "candela/model.hpp"

namespace candela {

// Linear RGB of some primaries to that of BT.2020 (3 x 3, by rows); whites that differ are adapted with Bradford.
void to_bt2020(Primaries primaries, double (&matrix)[9]);

}  // namespace candela
