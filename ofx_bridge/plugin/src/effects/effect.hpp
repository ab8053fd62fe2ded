// What both effects have in common: an entry point, and actions behind it.
#pragma once

#include <atomic>
#include <string>

#include "host/boundary.hpp"
#include "host/image.hpp"
#include "host/params.hpp"
#include "render/frame_rect.hpp"

namespace candela::plugin {

// Of an instance, for as long as the host keeps it.
struct Instance {
    ofx::Effect effect;
    std::atomic<bool> complains{false};  // whether a message stands in the host
};

// The arguments of Render and of what is asked before it.
struct Moment {
    explicit Moment(const Properties& in)
        : time(in.real(ofx::prop::time).value_or(0)),
          scale{in.real(ofx::prop::render_scale, 0).value_or(1), in.real(ofx::prop::render_scale, 1).value_or(1)} {
        if (!(scale.x > 0)) scale.x = 1;
        if (!(scale.y > 0)) scale.y = 1;
        cuda = in.integer(ofx::prop::cuda_enabled).value_or(0) != 0;
        if (cuda) stream = in.pointer(ofx::prop::cuda_stream);
    }
    ofx::Time time;
    RenderScale scale;
    bool cuda = false;       // images are in CUDA's memory …
    void* stream = nullptr;  // … and work goes into this stream, if there is one
};

class EffectKind {
public:
    virtual ~EffectKind() = default;

    virtual const char* identifier() const = 0;
    virtual const char* label() const = 0;
    virtual const char* description() const = 0;
    virtual bool renders_with_cuda() const { return false; }
    virtual void define(ParamDefiner& params) const = 0;
    virtual bool identity(const ParamReader& params, ofx::Time time) const = 0;
    // The part of the source in canonical coordinates that a part of the output needs; none for what the host gives anyway.
    virtual std::optional<ofx::RectD> needed(ofx::Effect effect, const Moment& moment, const ofx::RectD& wanted) const = 0;
    virtual void render(ofx::Effect effect, const Moment& moment, const ofx::RectI& window) const = 0;
    // A parameter has another value: the one place where an effect may set values of its own.
    virtual void changed(ofx::Effect, const std::string& /*param*/, ofx::Time) const {}
    // What is kept of an instance's pictures is not to be had any more: new ones are about to be rendered, or it is gone.
    virtual void forget(ofx::Effect) const {}
    // The name of the output's colour space in the config that came with API 1.5; empty for none.
    virtual std::string colourspace(ofx::Effect effect) const = 0;
};

ofx::Status main_entry(const EffectKind& kind, const char* action, const void* handle, ofx::PropertySet in, ofx::PropertySet out);

const EffectKind& reconstruct_effect();
const EffectKind& scope_effect();

// Source and output of a render. UserError where the host has nothing to give.
Image source_image(const Clip& clip, ofx::Time time);
Image output_image(const Clip& clip, ofx::Time time);

// Copies the window as it stands.
void copy_window(ofx::Effect effect, const Image& from, const Image& to, const ofx::RectI& window);

}  // namespace candela::plugin
