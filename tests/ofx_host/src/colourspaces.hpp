// Names of colour spaces that plugins and hosts of API 1.5 may use.
#pragma once

#include <string>

namespace host {

// Whether a style of colour management knows a name, or it refers to a clip's.
bool colourspace_allowed(const std::string& name, const std::string& style);

}  // namespace host
