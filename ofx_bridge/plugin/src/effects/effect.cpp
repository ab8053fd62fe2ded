// Actions by name.
#include "effect.hpp"

#include <cstring>
#include <vector>

#include "colour/rows.hpp"
#include "gpu/render.hpp"
#include "host/work.hpp"
#include "payload/store.hpp"
#include "qc/result.hpp"
#include "render/active_picture.hpp"
#include "render/alpha.hpp"

namespace candela::plugin {
namespace {

namespace value = ofx::value;

// No action has more statuses than these: done, the default, no memory, failed, and for descriptions a feature that is missing.
ofx::Status load(const EffectKind&) { return fetch_suites() ? ofx::ok : ofx::failed; }

ofx::Status describe(const EffectKind& kind, ofx::Effect effect) {
    ofx::PropertySet set = nullptr;
    if (suites().effect->get_property_set(effect, &set) != ofx::ok) return ofx::failed;
    const Properties of(set);
    of.set(ofx::prop::label, kind.label());
    of.set(ofx::prop::short_label, kind.label());
    of.set(ofx::prop::long_label, kind.label());
    of.set(ofx::prop::grouping, "Candela");
    of.set(ofx::prop::description, kind.description());
    of.set(ofx::prop::contexts, {value::filter, value::general});
    of.set(ofx::prop::pixel_depths, {value::floats, value::halves, value::shorts, value::bytes});
    of.set(ofx::prop::single_instance, 0);
    of.set(ofx::prop::thread_safety, value::fully_safe);
    of.set(ofx::prop::frame_threading, 0);
    of.set(ofx::prop::tiles, 1);
    of.set(ofx::prop::multi_resolution, 1);
    of.set(ofx::prop::temporal_access, 0);
    of.set(ofx::prop::multiple_depths, 0);
    of.set(ofx::prop::multiple_pars, 0);
    // The network knows where a pixel lies: no LUT can stand for it.
    of.set(ofx::prop::no_spatial_awareness, value::no);
    of.set(ofx::prop::cpu_render, value::yes);
    const Properties host(suites().host->host);
    // A driver is only asked where the host has a use for the answer.
    const bool cuda = kind.renders_with_cuda() && host.text(ofx::prop::cuda_supported) == value::yes && gpu::available();
    of.set(ofx::prop::cuda_supported, cuda ? value::yes : value::no);
    of.set(ofx::prop::cuda_stream_supported, cuda ? value::yes : value::no);
    const auto style = host.text(ofx::prop::colour_style);
    if (style && *style != value::colour_none) {
        of.set(ofx::prop::colour_style, value::colour_full);
        of.set(ofx::prop::colour_configs, value::native_config);
    }
    return ofx::ok;
}

ofx::Status describe_in_context(const EffectKind& kind, ofx::Effect effect) {
    for (const char* name : {value::source, value::output}) {
        ofx::PropertySet set = nullptr;
        if (suites().effect->clip_define(effect, name, &set) != ofx::ok) return ofx::failed;
        const Properties clip(set);
        clip.set(ofx::prop::components, {value::rgba, value::rgb});
        clip.set(ofx::prop::tiles, 1);
        clip.set(ofx::prop::temporal_access, 0);
        clip.set(ofx::prop::field_extraction, value::field_both);
        if (name == value::source) clip.set(ofx::prop::optional, 0);
    }
    ParamDefiner params(effect);
    kind.define(params);
    return ofx::ok;
}

Properties properties_of(ofx::Effect effect) {
    ofx::PropertySet set = nullptr;
    suites().effect->get_property_set(effect, &set);
    return Properties(set);
}

Instance* instance_of(ofx::Effect effect) { return static_cast<Instance*>(properties_of(effect).pointer(ofx::prop::instance_data)); }

ofx::Status regions_of_interest(const EffectKind& kind, ofx::Effect effect, const Properties& in, const Properties& out) {
    const auto wanted = in.real_rectangle(ofx::prop::region_of_interest);
    if (!wanted) return ofx::reply_default;
    const auto needed = kind.needed(effect, Moment(in), *wanted);
    if (!needed) return ofx::reply_default;
    out.set(ofx::prop::roi_of_source, *needed);
    return ofx::ok;
}

ofx::Status render(const EffectKind& kind, ofx::Effect effect, const Properties& in) {
    const auto window = in.rectangle(ofx::prop::render_window);
    if (!window) throw std::runtime_error("the host does not say what is to be rendered");
    kind.render(effect, Moment(in), *window);
    Instance* instance = instance_of(effect);
    if (instance && instance->complains.exchange(false)) clear_message(effect);
    return ofx::ok;
}

ofx::Status acted(const EffectKind& kind, const char* action, ofx::Effect effect, const Properties& in, const Properties& out) {
    const auto is = [action](const char* name) { return std::strcmp(action, name) == 0; };
    if (is(ofx::action::describe)) return describe(kind, effect);
    if (is(ofx::action::describe_in_context)) return describe_in_context(kind, effect);
    if (is(ofx::action::create_instance)) {
        properties_of(effect).set_pointer(ofx::prop::instance_data, new Instance{effect});
        return ofx::ok;
    }
    if (is(ofx::action::destroy_instance)) {
        kind.forget(effect);
        delete instance_of(effect);
        properties_of(effect).set_pointer(ofx::prop::instance_data, nullptr);
        return ofx::ok;
    }
    if (is(ofx::action::render)) return render(kind, effect, in);
    if (is(ofx::action::begin_sequence)) {
        kind.forget(effect);
        return ofx::ok;
    }
    if (is(ofx::action::instance_changed)) {
        if (in.text(ofx::prop::type) != ofx::value::parameter) return ofx::reply_default;
        kind.changed(effect, in.text(ofx::prop::name).value_or(""), in.real(ofx::prop::time).value_or(0));
        return ofx::ok;
    }
    if (is(ofx::action::is_identity)) {
        const Moment moment(in);
        if (!kind.identity(ParamReader(effect), moment.time)) return ofx::reply_default;
        out.set(ofx::prop::name, value::source);
        out.set(ofx::prop::time, moment.time);
        return ofx::ok;
    }
    if (is(ofx::action::regions_of_interest)) return regions_of_interest(kind, effect, in, out);
    if (is(ofx::action::clip_preferences)) {
        // A payload of a shot gives every frame a network of its own, even where the source is a still.
        out.set(ofx::prop::frame_varying, 1);
        return ofx::ok;
    }
    if (is(ofx::action::output_colourspace)) {
        const std::string name = kind.colourspace(effect);
        if (name.empty()) return ofx::reply_default;
        out.set(ofx::prop::colourspace, name.c_str());
        return ofx::ok;
    }
    if (is(ofx::action::purge_caches)) {
        forget_payloads();
        forget_qc();
        active_pictures().forget_all();
        return ofx::ok;
    }
    return ofx::reply_default;
}

}  // namespace

ofx::Status main_entry(const EffectKind& kind, const char* action, const void* handle, ofx::PropertySet in, ofx::PropertySet out) {
    if (!action) return ofx::failed;
    if (std::strcmp(action, ofx::action::load) == 0) return guarded(nullptr, [&] { return load(kind); });
    if (std::strcmp(action, ofx::action::unload) == 0) {
        forget_payloads();
        forget_qc();
        active_pictures().forget_all();
        return ofx::ok;
    }
    // Not even an action can be answered before the suites are there.
    if (!suites().property) return ofx::failed;
    const ofx::Effect effect = static_cast<ofx::Effect>(const_cast<void*>(handle));
    // Only a render's failure stays in front of the user: what is asked before it fails for the same reason.
    const bool renders = std::strcmp(action, ofx::action::render) == 0;
    return guarded(renders ? effect : nullptr, [&] {
        try {
            return acted(kind, action, effect, Properties(in), Properties(out));
        } catch (const Aborted&) {
            throw;
        } catch (...) {
            Instance* instance = renders ? instance_of(effect) : nullptr;
            if (instance) instance->complains = true;
            throw;
        }
    });
}

Image source_image(const Clip& clip, ofx::Time time) {
    auto image = Image::of(clip, time);
    if (!image) throw UserError("the source has no picture here; connect one, or look at a frame that it has");
    return std::move(*image);
}

Image output_image(const Clip& clip, ofx::Time time) {
    auto image = Image::of(clip, time);
    if (!image) throw UserError("the host gives no memory for the result");
    return std::move(*image);
}

void copy_window(ofx::Effect effect, const Image& from, const Image& to, const ofx::RectI& window) {
    const ofx::RectI all = intersection(window, to.bounds), inside = intersection(all, from.bounds);
    if (is_empty(all)) return;
    share_work(effect, static_cast<std::size_t>(all.y2 - all.y1), [&](std::size_t row) {
        const int y = all.y1 + static_cast<int>(row);
        if (is_empty(inside) || y < inside.y1 || y >= inside.y2) return blacken(from, to, all.x1, y, all.x2 - all.x1);
        blacken(from, to, all.x1, y, inside.x1 - all.x1);
        blacken(from, to, inside.x2, y, all.x2 - inside.x2);
        const auto count = static_cast<std::size_t>(inside.x2 - inside.x1);
        if (from.sample == to.sample && from.channels == to.channels) {
            std::memcpy(to.at(inside.x1, y), from.at(inside.x1, y), count * static_cast<std::size_t>(to.pixel_bytes()));
            return;
        }
        std::vector<float> room(3 * count);
        float *r = room.data(), *g = r + count, *b = g + count;
        row_kernels().load(from.at(inside.x1, y), from.sample, from.channels, r, g, b, count);
        row_kernels().store(r, g, b, to.at(inside.x1, y), to.sample, to.channels, count);
        copy_alpha(from, to, inside.x1, y, inside.x2 - inside.x1);
    });
}

}  // namespace candela::plugin
