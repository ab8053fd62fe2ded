// Effects, described and living, with their clips and images.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "handles.hpp"
#include "parameters.hpp"
#include "pixels.hpp"
#include "profile.hpp"
#include "properties.hpp"

namespace host {

// A frame of a clip: the whole picture, and what it was, to see whether the plugin wrote into it.
struct Frame {
    std::shared_ptr<Pixels> pixels;
    std::vector<unsigned char> original;
    std::string components, depth;
    double scale = 1;
    std::string id;
};

class Clip : public Handle {
public:
    Clip(std::string name, Effect& owner)
        : Handle(Kind::clip),
          properties(std::make_unique<PropertySet>("clip " + name)),
          name_(std::move(name)),
          owner_(owner) {}
    const std::string& name() const { return name_; }
    Effect& owner() { return owner_; }
    bool output() const { return name_ == "Output"; }

    std::unique_ptr<PropertySet> properties;
    std::map<double, Frame> frames;
    // The rectangle it covers at full size.
    bool region(double time, abi::RectD& at) const;

protected:
    void empty() override;

private:
    std::string name_;
    Effect& owner_;
};

// One call of Render: what the plugin may see of it. Several run at once.
struct Job {
    Effect* effect = nullptr;
    double time = 0, scale = 1;
    abi::RectI window{};
    std::shared_ptr<Pixels> output;
    std::map<std::string, abi::RectD> regions;  // of interest, of clips, at full size
    std::atomic<int> polls{0};
    int abort_after = -1;  // polls; -1: never
};

class Image : public PropertySet {
public:
    Image() : PropertySet("image") {}
    std::shared_ptr<Pixels> pixels;
    Effect* effect = nullptr;
    Job* job = nullptr;
    std::string of;
    std::vector<unsigned char> original;  // of a part of a frame, which is this image's own
};

class Effect : public Handle {
public:
    Effect(const Profile& profile, std::string what, bool instance);

    const Profile& profile() const { return profile_; }
    bool instance() const { return instance_; }
    const std::string& what() const { return what_; }
    PropertySet& properties() { return *properties_; }
    ParameterSet& parameters() { return *parameters_; }
    Clip* clip(const std::string& name);
    Clip& add_clip(const std::string& name);
    const std::vector<std::unique_ptr<Clip>>& clips() const { return clips_; }

    std::string context;
    double time = 0;                      // what the user looks at
    double first = 0, last = 0;           // frames of the project
    bool whole_images = false;            // clips give all of the frame, whatever region is asked for
    std::set<std::string> always_secret;  // parameters described so
    std::mutex one_at_a_time;             // held around Render where the effect asks for it
    std::atomic<Job*> latest{nullptr};    // for threads that the plugin made itself

    abi::Effect handle() { return to<abi::Effect>(this); }

protected:
    void empty() override;

private:
    const Profile& profile_;
    std::string what_;
    bool instance_;
    std::unique_ptr<PropertySet> properties_;
    std::unique_ptr<ParameterSet> parameters_;
    std::vector<std::unique_ptr<Clip>> clips_;
};

// What images, memory and mutexes were not given back: of a job, of an effect, or at all. Says so and frees them.
void report_leaks(const Job* job, const Effect* effect);
void report_all_leaks();

const abi::EffectSuite& effect_suite();

}  // namespace host
