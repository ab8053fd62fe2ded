#include "effect.hpp"

namespace host {

bool Clip::region(double time, abi::RectD& at) const {
    if (frames.empty()) return false;
    auto frame = frames.find(time);
    if (frame == frames.end()) frame = frames.begin();
    const abi::RectI& r = frame->second.pixels->bounds();
    const double scale = frame->second.scale;
    at = {r.x1 / scale, r.y1 / scale, r.x2 / scale, r.y2 / scale};
    return true;
}

void Clip::empty() {
    retire(std::move(properties));
    frames.clear();
}

Effect::Effect(const Profile& profile, std::string what, bool instance)
    : Handle(Kind::effect),
      profile_(profile),
      what_(std::move(what)),
      instance_(instance),
      properties_(std::make_unique<PropertySet>(what_)),
      parameters_(std::make_unique<ParameterSet>(*this)) {}

Clip* Effect::clip(const std::string& name) {
    for (const auto& one : clips_) {
        if (one->name() == name) return one.get();
    }
    return nullptr;
}

Clip& Effect::add_clip(const std::string& name) {
    clips_.push_back(std::make_unique<Clip>(name, *this));
    return *clips_.back();
}

void Effect::empty() {
    retire(std::move(properties_));
    retire(std::move(parameters_));
    for (auto& one : clips_) retire(std::move(one));
    clips_.clear();
}

}  // namespace host
