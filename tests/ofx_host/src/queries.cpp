// What a host asks an instance before it renders.
#include <algorithm>

#include "colourspaces.hpp"
#include "instance.hpp"
#include "report.hpp"
#include "schema.hpp"

namespace host {
namespace {

bool none(const std::string&) { return false; }

std::vector<Value> four(const abi::RectD& r) { return {r.x1, r.y1, r.x2, r.y2}; }

abi::RectD four(const PropertySet& set, const std::string& name) {
    return {set.real(name, 0), set.real(name, 1), set.real(name, 2), set.real(name, 3)};
}

}  // namespace

void Instance::fill_time(PropertySet& in, double time, double scale) {
    fill(in, "OfxPropTime OfxImageEffectPropRenderScale");
    in.put("OfxPropTime", time);
    in.put("OfxImageEffectPropRenderScale", std::vector<Value>{scale, scale});
    if (plugin_.profile().api >= std::pair(1, 5)) {
        fill(in, "OfxImageEffectPropThumbnailRender");
        in.put("OfxImageEffectPropThumbnailRender", "false");
    }
}

void Instance::set_format(const std::string& name, const std::string& components, const std::string& depth) {
    Clip* clip = effect_->clip(name);
    clip->properties->put("OfxImageEffectPropComponents", components);
    clip->properties->put("OfxImageEffectPropPixelDepth", depth);
    clip->properties->put("OfxImageClipPropUnmappedComponents", components);
    clip->properties->put("OfxImageClipPropUnmappedPixelDepth", depth);
}

abi::Status Instance::preferences() {
    Arguments out("answers of GetClipPreferences");
    fill(*out,
         "OfxImageEffectPropFrameRate OfxImageClipPropFieldOrder OfxImageEffectPropPreMultiplication "
         "OfxImageClipPropContinuousSamples OfxImageEffectFrameVarying");
    const Clip* output = effect_->clip("Output");
    out->put("OfxImageEffectPropFrameRate", effect_->properties().real("OfxImageEffectPropFrameRate"));
    out->put("OfxImageClipPropFieldOrder", "OfxFieldNone");
    out->put("OfxImageEffectPropPreMultiplication", output->properties->text("OfxImageEffectPropPreMultiplication"));
    for (const auto& clip : effect_->clips()) {
        const PropertySet& set = *clip->properties;
        add_of_clip(*out, "OfxImageClipPropComponents_", clip->name());
        out->put("OfxImageClipPropComponents_" + clip->name(), set.text("OfxImageEffectPropComponents"));
        add_of_clip(*out, "OfxImageClipPropDepth_", clip->name());
        out->put("OfxImageClipPropDepth_" + clip->name(), set.text("OfxImageEffectPropPixelDepth"));
        add_of_clip(*out, "OfxImageClipPropPAR_", clip->name());
        out->put("OfxImageClipPropPAR_" + clip->name(), 1.0);
        if (plugin_.profile().colour && !clip->output())
            add_of_clip(*out, "OfxImageClipPropPreferredColourspaces_", clip->name());
    }
    const abi::Status status = plugin_.act("OfxImageEffectActionGetClipPreferences", effect_.get(), nullptr, &*out);
    if (status != abi::ok) return status;
    const Blame blame("OfxImageEffectActionGetClipPreferences");
    const Profile& profile = plugin_.profile();
    const auto one_of = [](const std::vector<std::string>& all, const std::string& one) {
        return std::find(all.begin(), all.end(), one) != all.end();
    };
    for (const auto& clip : effect_->clips()) {
        const std::string depth = out->text("OfxImageClipPropDepth_" + clip->name());
        const std::string components = out->text("OfxImageClipPropComponents_" + clip->name());
        if (!one_of(profile.depths, depth))
            report().violation("prefers depth " + depth + ", which the host does not have");
        if (!one_of(clip->properties->texts("OfxImageEffectPropSupportedComponents"), components)) {
            report().violation("prefers components " + components + " of clip " + clip->name() +
                               ", which it did not name");
        }
        if (out->touched("OfxImageClipPropDepth_" + clip->name()) && !profile.clip_depths &&
            depth != effect_->clip("Output")->properties->text("OfxImageEffectPropPixelDepth")) {
            report().violation("prefers a depth of its own for clip " + clip->name() +
                               ", which the host does not have");
        }
        clip->properties->put("OfxImageEffectPropComponents", components);
        clip->properties->put("OfxImageEffectPropPixelDepth", depth);
        if (profile.colour && !clip->output()) {
            const auto wanted = out->texts("OfxImageClipPropPreferredColourspaces_" + clip->name());
            preferred_colourspaces[clip->name()] = wanted;
            const std::string style = effect_->properties().text("OfxImageEffectPropColourManagementStyle");
            for (const std::string& one : wanted) {
                if (!colourspace_allowed(one, style))
                    report().violation("prefers colour space " + one + ", which is none of " + style);
            }
        }
    }
    effect_->clip("Output")->properties->put("OfxImageEffectPropPreMultiplication",
                                             out->text("OfxImageEffectPropPreMultiplication"));
    frame_varying = out->integer("OfxImageEffectFrameVarying") != 0;
    return status;
}

abi::Status Instance::region(double time, double scale, abi::RectD& region) {
    region = {0, 0, effect_->properties().real("OfxImageEffectPropProjectSize", 0),
              effect_->properties().real("OfxImageEffectPropProjectSize", 1)};
    if (Clip* source = effect_->clip("Source")) source->region(time, region);
    Arguments in("arguments of GetRegionOfDefinition"), out("answers of GetRegionOfDefinition");
    fill_time(*in, time, scale);
    in->protect(none);
    fill(*out, "OfxImageEffectPropRegionOfDefinition");
    out->put("OfxImageEffectPropRegionOfDefinition", four(region));
    const abi::Status status = plugin_.act("OfxImageEffectActionGetRegionOfDefinition", effect_.get(), &*in, &*out);
    if (status == abi::ok) region = four(*out, "OfxImageEffectPropRegionOfDefinition");
    return status;
}

abi::Status Instance::regions_of_interest(double time, double scale, const abi::RectD& of,
                                          std::map<std::string, abi::RectD>& regions) {
    Arguments in("arguments of GetRegionsOfInterest"), out("answers of GetRegionsOfInterest");
    fill_time(*in, time, scale);
    fill(*in, "OfxImageEffectPropRegionOfInterest");
    in->put("OfxImageEffectPropRegionOfInterest", four(of));
    in->protect(none);
    for (const auto& clip : effect_->clips()) {
        if (clip->output()) continue;
        add_of_clip(*out, "OfxImageClipPropRoI_", clip->name());
        out->put("OfxImageClipPropRoI_" + clip->name(), four(of));
    }
    const abi::Status status = plugin_.act("OfxImageEffectActionGetRegionsOfInterest", effect_.get(), &*in, &*out);
    for (const auto& clip : effect_->clips()) {
        if (clip->output()) continue;
        regions[clip->name()] = status == abi::ok ? four(*out, "OfxImageClipPropRoI_" + clip->name()) : of;
    }
    return status;
}

abi::Status Instance::frames_needed(double time, std::map<std::string, std::vector<double>>& ranges) {
    Arguments in("arguments of GetFramesNeeded"), out("answers of GetFramesNeeded");
    fill(*in, "OfxPropTime");
    in->put("OfxPropTime", time);
    in->protect(none);
    for (const auto& clip : effect_->clips()) {
        if (clip->output()) continue;
        add_of_clip(*out, "OfxImageClipPropFrameRange_", clip->name());
        out->put("OfxImageClipPropFrameRange_" + clip->name(), std::vector<Value>{time, time});
    }
    const abi::Status status = plugin_.act("OfxImageEffectActionGetFramesNeeded", effect_.get(), &*in, &*out);
    const Blame blame("OfxImageEffectActionGetFramesNeeded");
    for (const auto& clip : effect_->clips()) {
        if (clip->output()) continue;
        const std::string name = "OfxImageClipPropFrameRange_" + clip->name();
        const std::size_t count = out->find(name)->values.size();
        if (count % 2 != 0) report().violation("the frames needed of " + clip->name() + " are no pairs");
        for (std::size_t i = 0; i < count; ++i) ranges[clip->name()].push_back(out->real(name, i));
    }
    return status;
}

abi::Status Instance::time_domain(double& first, double& last) {
    Arguments out("answers of GetTimeDomain");
    fill(*out, "OfxImageEffectPropFrameRange");
    out->put("OfxImageEffectPropFrameRange", std::vector<Value>{effect_->first, effect_->last});
    const abi::Status status = plugin_.act("OfxImageEffectActionGetTimeDomain", effect_.get(), nullptr, &*out);
    first = out->real("OfxImageEffectPropFrameRange", 0);
    last = out->real("OfxImageEffectPropFrameRange", 1);
    return status;
}

abi::Status Instance::identity(double time, double scale, const abi::RectI& window, std::string& clip, double& at) {
    Arguments in("arguments of IsIdentity"), out("answers of IsIdentity");
    fill_time(*in, time, scale);
    fill(*in, "OfxImageEffectPropFieldToRender OfxImageEffectPropRenderWindow");
    in->put("OfxImageEffectPropFieldToRender", "OfxFieldNone");
    in->put("OfxImageEffectPropRenderWindow", std::vector<Value>{window.x1, window.y1, window.x2, window.y2});
    in->protect(none);
    fill(*out, "OfxPropName OfxPropTime");
    out->put("OfxPropTime", time);
    const abi::Status status = plugin_.act("OfxImageEffectActionIsIdentity", effect_.get(), &*in, &*out);
    clip = out->text("OfxPropName");
    at = out->real("OfxPropTime");
    const Blame blame("OfxImageEffectActionIsIdentity");
    if (status == abi::ok && effect_->clip(clip) == nullptr)
        report().violation("is the identity of a clip that is none: '" + clip + "'");
    return status;
}

abi::Status Instance::output_colourspace(const std::vector<std::string>& preferred, std::string& colourspace) {
    Arguments in("arguments of GetOutputColourspace"), out("answers of GetOutputColourspace");
    fill(*in, "OfxImageClipPropPreferredColourspaces");
    in->put("OfxImageClipPropPreferredColourspaces", std::vector<Value>(preferred.begin(), preferred.end()));
    in->protect(none);
    fill(*out, "OfxImageClipPropColourspace");
    const abi::Status status = plugin_.act("OfxImageEffectActionGetOutputColourspace", effect_.get(), &*in, &*out);
    const Blame blame("OfxImageEffectActionGetOutputColourspace");
    colourspace = out->text("OfxImageClipPropColourspace");
    if (status == abi::ok) {
        if (colourspace.empty()) report().violation("says that it tells the output's colour space, and does not");
        const std::string style = effect_->properties().text("OfxImageEffectPropColourManagementStyle");
        if (!colourspace_allowed(colourspace, style)) {
            report().violation("gives the output colour space " + colourspace + ", which is none of " + style);
        }
        effect_->clip("Output")->properties->put("OfxImageClipPropColourspace", colourspace);
    }
    return status;
}

}  // namespace host
