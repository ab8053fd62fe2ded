// A colour state out of a payload: a name, or a short-keyed map. Twin of candela_engines/colour/state.py and names.py.
#pragma once

#include "candela/payload.hpp"
#include "cbor.hpp"

namespace candela {

// what: `SDR` or `HDR`, for messages. Trouble (Kind::payload) for a value that is no state; null where it is missing.
ColourState state_of(const cbor::Value* value, const char* what);

}  // namespace candela
