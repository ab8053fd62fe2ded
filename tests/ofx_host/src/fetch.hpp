// What fetchSuite gives to plugins of the host's profile.
#pragma once

#include "abi.hpp"
#include "profile.hpp"

namespace host {

// The one host of this process: its properties, and the suites its profile has.
abi::Host& the_host(const Profile& profile);

}  // namespace host
