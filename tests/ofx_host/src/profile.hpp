// What a host has and lacks. Where the public notes about a host are silent, a profile has less rather than more: the
// plugin is to rely on nothing.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace host {

struct Profile {
    std::string name, host, label;
    std::pair<int, int> api{1, 4};
    std::vector<std::string> contexts{}, components{}, depths{};
    bool tiles = true;
    bool resolutions = true;   // images of several sizes and origins
    bool temporal = true;      // other frames of clips
    bool clip_depths = false;  // a depth for each clip
    bool message2 = true;      // version 2 of the message suite
    bool persistent = true;    // … with its persistent messages
    bool progress = true, time_line = true;
    bool string_choice = false;
    bool description = true;        // kOfxPropPluginDescription
    bool always_connected = false;  // clips read as connected and give no image
    bool both_ranges = false;       // numbers need a range and a display range
    bool integer_vectors = true;    // Integer2D and Integer3D
    bool parameter_copy = true;
    bool fixed_choices = false;  // options are those of the description
    bool fixed_secrets = false;  // what is described secret stays so
    bool animates_choices = true, animates_strings = false;
    bool colour = false;  // colour management
    bool cuda = false;    // images in CUDA's memory; here it is the processor's, which a stand-in for a device takes
};

// Throws std::invalid_argument for a name that is none.
const Profile& profile_of(const std::string& name);
std::vector<std::string> profile_names();

}  // namespace host
