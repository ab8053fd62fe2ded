// What a description must say before a host of the profile can use it.
#pragma once

namespace host {

class Effect;

void check_description(Effect& description);
void check_in_context(Effect& description);

}  // namespace host
