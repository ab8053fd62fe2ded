// The image effect suite: clips, their images, and abort. Memory of images is in memory_suite.cpp.
#include <algorithm>
#include <cmath>
#include <limits>

#include "changes.hpp"
#include "effect.hpp"
#include "memory_suite.hpp"
#include "report.hpp"
#include "schema.hpp"

namespace host {
namespace {

struct Fetched {
    std::mutex lock;
    std::map<PropertySet*, std::unique_ptr<Image>> images;
    std::map<Pixels*, int> users;
};

Fetched& fetched() {
    static auto& one = *new Fetched;
    return one;
}

Effect* effect_of(abi::Effect handle) {
    auto* effect = from<Effect>(handle, Kind::effect);
    if (effect == nullptr) report().violation("the handle of an effect is null or dead");
    return effect;
}

Clip* clip_of(abi::Clip handle) {
    auto* clip = from<Clip>(handle, Kind::clip);
    if (clip == nullptr) report().violation("the handle of a clip is null or dead");
    return clip;
}

abi::Status properties(abi::Effect handle, abi::Properties* out) {
    called("getPropertySet");
    Effect* effect = effect_of(handle);
    if (effect == nullptr) return abi::bad_handle;
    *out = effect->properties().handle();
    return abi::ok;
}

abi::Status parameters(abi::Effect handle, abi::Parameters* out) {
    called("getParamSet");
    Effect* effect = effect_of(handle);
    if (effect == nullptr) return abi::bad_handle;
    *out = to<abi::Parameters>(&effect->parameters());
    return abi::ok;
}

abi::Status clip_define(abi::Effect handle, const char* name, abi::Properties* out) {
    called("clipDefine");
    Effect* effect = effect_of(handle);
    if (effect == nullptr) return abi::bad_handle;
    if (scope().action != "OfxImageEffectActionDescribeInContext") {
        report().violation(std::string("clip ") + name + " is defined outside DescribeInContext");
        return abi::failed;
    }
    if (effect->clip(name) != nullptr) {
        report().violation(std::string("clip ") + name + " is defined twice");
        return abi::exists;
    }
    Clip& clip = effect->add_clip(name);
    fill_clip_descriptor(*clip.properties, name);
    if (out != nullptr) *out = clip.properties->handle();
    return abi::ok;
}

abi::Status clip_handle(abi::Effect handle, const char* name, abi::Clip* clip, abi::Properties* out) {
    called("clipGetHandle");
    Effect* effect = effect_of(handle);
    if (effect == nullptr) return abi::bad_handle;
    if (!effect->instance()) report().violation(std::string("clipGetHandle of ") + name + " on a description");
    Clip* found = effect->clip(name);
    if (found == nullptr) return abi::unknown;
    *clip = to<abi::Clip>(found);
    if (out != nullptr) *out = found->properties->handle();
    return abi::ok;
}

abi::Status clip_properties(abi::Clip handle, abi::Properties* out) {
    called("clipGetPropertySet");
    Clip* clip = clip_of(handle);
    if (clip == nullptr) return abi::bad_handle;
    *out = clip->properties->handle();
    return abi::ok;
}

std::vector<Value> four(const abi::RectI& r) { return {r.x1, r.y1, r.x2, r.y2}; }

abi::Properties hand_out(Clip& clip, std::shared_ptr<Pixels> pixels, const abi::RectI& whole, double scale,
                         const std::string& components, const std::string& depth, const std::string& id,
                         std::vector<unsigned char> original = {}) {
    auto image = std::make_unique<Image>();
    image->pixels = std::move(pixels);
    image->effect = &clip.owner();
    image->job = scope().job;
    image->of = clip.name();
    image->original = std::move(original);
    fill_image(*image);
    image->put("OfxPropType", "OfxTypeImage");
    image->put("OfxImageEffectPropPixelDepth", depth);
    image->put("OfxImageEffectPropComponents", components);
    image->put("OfxImageEffectPropPreMultiplication", clip.properties->text("OfxImageEffectPropPreMultiplication"));
    image->put("OfxImageEffectPropRenderScale", std::vector<Value>{scale, scale});
    image->put("OfxImagePropPixelAspectRatio", 1.0);
    image->put("OfxImagePropData", static_cast<void*>(image->pixels->data()));
    image->put("OfxImagePropBounds", four(image->pixels->bounds()));
    image->put("OfxImagePropRegionOfDefinition", four(whole));
    image->put("OfxImagePropRowBytes", image->pixels->row_bytes());
    image->put("OfxImagePropField", "OfxFieldNone");
    image->put("OfxImagePropUniqueIdentifier", id);
    const std::lock_guard<std::mutex> held(fetched().lock);
    if (fetched().users[image->pixels.get()]++ == 0) image->pixels->open();
    Image* one = image.get();
    fetched().images[one] = std::move(image);
    return one->handle();
}

abi::RectI pixels_of(const abi::RectD& r, double scale) {
    const auto down = [scale](double v) { return static_cast<int>(std::floor(v * scale + 1e-6)); };
    const auto up = [scale](double v) { return static_cast<int>(std::ceil(v * scale - 1e-6)); };
    return {down(r.x1), down(r.y1), up(r.x2), up(r.y2)};
}

abi::Status clip_image(abi::Clip handle, double time, const abi::RectD* region, abi::Properties* out) {
    called("clipGetImage");
    Clip* clip = clip_of(handle);
    if (clip == nullptr || out == nullptr) return abi::bad_handle;
    *out = nullptr;
    Scope& now = scope();
    Job* job = now.job;
    if (now.action != "OfxImageEffectActionRender" && now.action != "OfxActionInstanceChanged") {
        report().violation("clipGetImage of " + clip->name() + " in an action that has no images");
        return abi::failed;
    }
    Effect& effect = clip->owner();
    if (job != nullptr && job->effect != &effect) report().violation("clipGetImage of another instance's clip");
    if (clip->output()) {
        if (job == nullptr) return abi::failed;
        if (time != job->time) report().violation("fetches the output at another time than it renders");
        return (*out = hand_out(*clip, job->output, job->output->bounds(), job->scale,
                                clip->properties->text("OfxImageEffectPropComponents"),
                                clip->properties->text("OfxImageEffectPropPixelDepth"), "")) != nullptr
                   ? abi::ok
                   : abi::failed;
    }
    if (job != nullptr && time != job->time &&
        (!effect.profile().temporal || clip->properties->integer("OfxImageEffectPropTemporalClipAccess") == 0)) {
        report().violation("fetches " + clip->name() + " at another time without having said so");
        return abi::failed;
    }
    const auto at = clip->frames.find(time);
    if (at == clip->frames.end()) return effect.profile().always_connected ? abi::ok : abi::failed;
    const Frame& frame = at->second;
    const abi::RectI& all = frame.pixels->bounds();
    const bool tiles = effect.profile().tiles && !effect.whole_images &&
                       clip->properties->integer("OfxImageEffectPropSupportsTiles") != 0 &&
                       effect.properties().integer("OfxImageEffectPropSupportsTiles") != 0;
    abi::RectI part = all;
    if (tiles && job != nullptr) {
        const auto wanted = job->regions.find(clip->name());
        if (region != nullptr) part = meet(all, pixels_of(*region, frame.scale));
        else if (wanted != job->regions.end()) part = meet(all, pixels_of(wanted->second, frame.scale));
    }
    if (empty(part)) return abi::failed;
    std::shared_ptr<Pixels> pixels = frame.pixels;
    std::vector<unsigned char> rows;
    if (width(part) != width(all) || height(part) != height(all)) {
        // A part of the frame alone: what is outside the region of interest is not there.
        Pixels source(all, {frame.pixels->layout().components, frame.pixels->layout().depth, 0, false, Fence::none});
        source.read(all, frame.original.data());
        source.write(part, rows);
        pixels = std::make_shared<Pixels>(part, frame.pixels->layout());
        pixels->read(part, rows.data());
    }
    *out =
        hand_out(*clip, std::move(pixels), all, frame.scale, frame.components, frame.depth, frame.id, std::move(rows));
    return abi::ok;
}

abi::Status release_image(abi::Properties handle) {
    called("clipReleaseImage");
    auto* set = from<PropertySet>(handle, Kind::properties);
    std::unique_ptr<Image> image;
    bool changed = false;
    {
        const std::lock_guard<std::mutex> held(fetched().lock);
        const auto at = fetched().images.find(set);
        if (set != nullptr && at != fetched().images.end()) {
            image = std::move(at->second);
            fetched().images.erase(at);
            if (!image->original.empty()) {
                std::vector<unsigned char> now;
                image->pixels->write(image->pixels->bounds(), now);
                changed = now != image->original;
            }
            if (--fetched().users[image->pixels.get()] == 0) {
                fetched().users.erase(image->pixels.get());
                image->pixels->close();
            }
        }
    }
    if (image == nullptr) {
        report().violation("releases an image that it does not hold");
        return abi::bad_handle;
    }
    if (changed) report().violation("wrote into the image of " + image->of);
    if (image->of != "Output" && !image->pixels->guards_intact())
        report().violation("wrote around the image of " + image->of);
    image->pixels.reset();
    retire(std::move(image));
    return abi::ok;
}

abi::Status clip_region(abi::Clip handle, double time, abi::RectD* bounds) {
    called("clipGetRegionOfDefinition");
    Clip* clip = clip_of(handle);
    if (clip == nullptr) return abi::bad_handle;
    return clip->region(time, *bounds) ? abi::ok : abi::failed;
}

int abort(abi::Effect handle) {
    called("abort", false);
    Effect* effect = effect_of(handle);
    if (effect == nullptr) return 0;
    Job* job = scope().job != nullptr ? scope().job : effect->latest.load();
    if (job == nullptr) return 0;
    const int polls = ++job->polls;
    return job->abort_after >= 0 && polls > job->abort_after ? 1 : 0;
}

struct Changes {
    std::mutex lock;
    std::vector<std::pair<const Effect*, std::string>> all;
};

Changes& changes() {
    static Changes one;
    return one;
}

}  // namespace

void plugin_changed(Parameter& parameter) {
    const std::lock_guard<std::mutex> held(changes().lock);
    changes().all.emplace_back(&parameter.owner(), parameter.name());
}

std::vector<std::string> take_plugin_changes(const Effect& effect) {
    const std::lock_guard<std::mutex> held(changes().lock);
    std::vector<std::string> names;
    auto& all = changes().all;
    for (auto at = all.begin(); at != all.end();) {
        if (at->first == &effect) {
            if (std::find(names.begin(), names.end(), at->second) == names.end()) names.push_back(at->second);
            at = all.erase(at);
        } else {
            ++at;
        }
    }
    return names;
}

void report_leaks(const Job* job, const Effect* effect) {
    std::vector<std::unique_ptr<Image>> kept;
    {
        const std::lock_guard<std::mutex> held(fetched().lock);
        auto& images = fetched().images;
        for (auto at = images.begin(); at != images.end();) {
            if (at->second->job == job && (job != nullptr || at->second->effect == effect)) {
                fetched().users.erase(at->second->pixels.get());
                kept.push_back(std::move(at->second));
                at = images.erase(at);
            } else {
                ++at;
            }
        }
    }
    for (auto& image : kept) {
        report().violation("the image of " + image->of + " is not released");
        image->pixels.reset();
        retire(std::move(image));
    }
}

const abi::EffectSuite& effect_suite() {
    static const abi::EffectSuite suite{
        properties,        parameters,        clip_define,        clip_handle, clip_properties,
        clip_image,        release_image,     clip_region,        abort,       image_memory_alloc,
        image_memory_free, image_memory_lock, image_memory_unlock};
    return suite;
}

}  // namespace host
