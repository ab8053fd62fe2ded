// Parameters that the plugin itself set: the host tells it so afterwards, as it tells of any other change.
#pragma once

#include <string>
#include <vector>

namespace host {

class Effect;
class Parameter;

void plugin_changed(Parameter& parameter);
std::vector<std::string> take_plugin_changes(const Effect& effect);

}  // namespace host
