// Descriptions and values as JSON.
#pragma once

#include "effect.hpp"
#include "line.hpp"

namespace host {

Json told(const PropertySet& set);
Json told(Effect& effect);

}  // namespace host
