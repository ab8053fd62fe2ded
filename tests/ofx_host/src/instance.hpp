// A living effect and what a host does with it besides rendering.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "plugin.hpp"

namespace host {

struct Setup {
    std::string context;
    double width = 0, height = 0;  // of the project
    double first = 0, last = 0;    // frames of the project
    double frame_rate = 24;
    bool interactive = true;
    bool whole_images = false;
    std::map<std::string, std::string> values;  // of parameters, as from a saved project
    std::string components, depth;              // of the clips
    std::string style, ocio_config;             // of colour management; "": the best that both know
};

class Instance {
public:
    // Throws std::runtime_error where the plugin will not; `status` tells why.
    Instance(Plugin& plugin, const Setup& setup);
    ~Instance();
    Instance(const Instance&) = delete;
    Instance& operator=(const Instance&) = delete;

    Plugin& plugin() { return plugin_; }
    Effect& effect() { return *effect_; }

    // The action of something that changed, between Begin and End; follows with what the plugin set itself.
    abi::Status changed(const char* type, const std::string& name, double time, const char* reason);
    abi::Status simple(const char* action);

    abi::Status preferences();
    abi::Status region(double time, double scale, abi::RectD& region);
    abi::Status regions_of_interest(double time, double scale, const abi::RectD& of,
                                    std::map<std::string, abi::RectD>& regions);
    abi::Status frames_needed(double time, std::map<std::string, std::vector<double>>& ranges);
    abi::Status time_domain(double& first, double& last);
    abi::Status identity(double time, double scale, const abi::RectI& window, std::string& clip, double& at);
    abi::Status output_colourspace(const std::vector<std::string>& preferred, std::string& colourspace);
    abi::Status destroy();

    void set_format(const std::string& clip, const std::string& components, const std::string& depth);
    std::map<std::string, std::vector<std::string>> preferred_colourspaces;
    bool frame_varying = false;

private:
    void make_clips(Effect& description, const Setup& setup);
    void make_parameters(Effect& description, const Setup& setup);
    void choose_colour_management(Effect& description, const Setup& setup);
    void check_secrets();
    void fill_time(PropertySet& in, double time, double scale);

    Plugin& plugin_;
    std::unique_ptr<Effect> effect_;
};

}  // namespace host
