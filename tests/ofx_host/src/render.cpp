#include "render.hpp"

#include <chrono>
#include <cmath>
#include <cstring>
#include <ctime>
#include <stdexcept>
#include <thread>

#include "report.hpp"
#include "schema.hpp"

namespace host {
namespace {

using Clock = std::chrono::steady_clock;

double since(Clock::time_point start) {
    return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

bool is_none(const std::string&) { return false; }

abi::RectI window_of(const abi::RectD& r, double scale) {
    return {static_cast<int>(std::floor(r.x1 * scale + 1e-6)), static_cast<int>(std::floor(r.y1 * scale + 1e-6)),
            static_cast<int>(std::ceil(r.x2 * scale - 1e-6)), static_cast<int>(std::ceil(r.y2 * scale - 1e-6))};
}

// That images are CUDA's, where host and effect have agreed on it.
void fill_cuda(PropertySet& in, Instance& instance, const void* stream) {
    const Profile& profile = instance.plugin().profile();
    const PropertySet& effect = instance.plugin().description().properties();
    if (!profile.cuda) return;
    const bool on = effect.text("OfxImageEffectPropCudaRenderSupported") == "true";
    fill(in, "OfxImageEffectPropCudaEnabled");
    in.put("OfxImageEffectPropCudaEnabled", on ? 1 : 0);
    if (!on || effect.text("OfxImageEffectPropCudaStreamSupported") != "true") return;
    fill(in, "OfxImageEffectPropCudaStream");
    in.put("OfxImageEffectPropCudaStream", const_cast<void*>(stream));
}

// Begin or End.
abi::Status sequence(Instance& instance, const char* action, const Order& order) {
    Arguments in(std::string("arguments of ") + action);
    fill(*in,
         "OfxImageEffectPropFrameRange OfxImageEffectPropFrameStep OfxPropIsInteractive OfxImageEffectPropRenderScale "
         "OfxImageEffectPropSequentialRenderStatus OfxImageEffectPropInteractiveRenderStatus");
    in->put("OfxImageEffectPropFrameRange", std::vector<Value>{order.times.front(), order.times.back()});
    in->put("OfxImageEffectPropFrameStep", 1.0);
    in->put("OfxPropIsInteractive", order.interactive ? 1 : 0);
    in->put("OfxImageEffectPropRenderScale", std::vector<Value>{order.scale, order.scale});
    in->put("OfxImageEffectPropSequentialRenderStatus", order.sequential ? 1 : 0);
    in->put("OfxImageEffectPropInteractiveRenderStatus", order.interactive ? 1 : 0);
    fill_cuda(*in, instance, &order);
    in->protect(is_none);
    return instance.plugin().act(action, &instance.effect(), &*in, nullptr);
}

void fill_render(PropertySet& in, const Order& order, const Job& job, const Profile& profile) {
    fill(in,
         "OfxPropTime OfxImageEffectPropFieldToRender OfxImageEffectPropRenderWindow OfxImageEffectPropRenderScale "
         "OfxImageEffectPropSequentialRenderStatus OfxImageEffectPropInteractiveRenderStatus "
         "OfxImageEffectPropRenderQualityDraft");
    in.put("OfxPropTime", job.time);
    in.put("OfxImageEffectPropFieldToRender", "OfxFieldNone");
    in.put("OfxImageEffectPropRenderWindow",
           std::vector<Value>{job.window.x1, job.window.y1, job.window.x2, job.window.y2});
    in.put("OfxImageEffectPropRenderScale", std::vector<Value>{order.scale, order.scale});
    in.put("OfxImageEffectPropSequentialRenderStatus", order.sequential ? 1 : 0);
    in.put("OfxImageEffectPropInteractiveRenderStatus", order.interactive ? 1 : 0);
    in.put("OfxImageEffectPropRenderQualityDraft", order.draft ? 1 : 0);
    if (profile.api >= std::pair(1, 5)) {
        fill(in, "OfxImageEffectPropNoSpatialAwareness OfxImageEffectPropThumbnailRender");
        in.put("OfxImageEffectPropNoSpatialAwareness", "false");
        in.put("OfxImageEffectPropThumbnailRender", "false");
    }
}

// The source's pixels in the output's place: what a host does of an effect that changes nothing.
void take_instead(Instance& instance, const std::string& name, double time, Job& job, Rendered& out) {
    Clip* clip = instance.effect().clip(name);
    const auto frame = clip == nullptr ? std::map<double, Frame>::iterator() : clip->frames.find(time);
    if (clip == nullptr || frame == clip->frames.end()) return;
    Pixels& source = *frame->second.pixels;
    const auto& wanted = job.output->layout();
    if (source.layout().components != wanted.components || source.layout().depth != wanted.depth) return;
    std::vector<unsigned char> rows;
    Pixels whole(source.bounds(), {wanted.components, wanted.depth, 0, false, Fence::none});
    whole.read(source.bounds(), frame->second.original.data());
    whole.write(job.window, out.pixels);
}

void work(const Order& order, Instance& instance, Rendered& out) {
    Effect& effect = instance.effect();
    Plugin& plugin = instance.plugin();
    const Profile& profile = plugin.profile();
    Job job;
    job.effect = &effect;
    job.time = out.time;
    job.scale = order.scale;
    job.abort_after = order.abort_after;
    abi::RectD region{};
    instance.region(out.time, order.scale, region);
    const abi::RectI all = window_of(region, order.scale);
    const bool tiles = profile.tiles && effect.properties().integer("OfxImageEffectPropSupportsTiles") != 0;
    job.window = tiles && !empty(out.window) ? meet(out.window, all) : all;
    out.window = job.window;
    if (empty(job.window)) throw std::invalid_argument("the window does not touch the picture");
    const Clip& clip = *effect.clip("Output");
    out.components = clip.properties->text("OfxImageEffectPropComponents");
    out.depth = clip.properties->text("OfxImageEffectPropPixelDepth");
    Layout layout = order.layout;
    layout.components = components_of(out.components);
    layout.depth = depth_of(out.depth);
    const double s = order.scale;
    const abi::RectD canonical{job.window.x1 / s, job.window.y1 / s, job.window.x2 / s, job.window.y2 / s};
    instance.regions_of_interest(out.time, order.scale, canonical, job.regions);
    if (effect.properties().integer("OfxImageEffectPropTemporalClipAccess") != 0 && profile.temporal) {
        std::map<std::string, std::vector<double>> ranges;
        instance.frames_needed(out.time, ranges);
    }
    job.output = std::make_shared<Pixels>(order.tight ? job.window : all, layout);
    double at = out.time;
    std::string identity;
    if (order.ask_identity && instance.identity(out.time, order.scale, job.window, identity, at) == abi::ok) {
        out.identity = identity;
        take_instead(instance, identity, at, job, out);
        return;
    }
    job.output->mark();  // unchecked, too: else the plugin would wait for the system to give it the pages
    Arguments in("arguments of Render");
    fill_render(*in, order, job, profile);
    fill_cuda(*in, instance, &order);
    in->protect(is_none);
    const std::string safety = plugin.description().properties().text("OfxImageEffectPluginRenderThreadSafety");
    static std::mutex unsafe;
    std::unique_lock<std::mutex> alone;
    if (safety == "OfxImageEffectRenderUnsafe") alone = std::unique_lock<std::mutex>(unsafe);
    else if (safety != "OfxImageEffectRenderFullySafe") alone = std::unique_lock<std::mutex>(effect.one_at_a_time);
    effect.latest = &job;
    const std::clock_t used = std::clock();
    const auto start = Clock::now();
    out.status = plugin.act("OfxImageEffectActionRender", &effect, &*in, nullptr, &job);
    out.milliseconds = since(start);
    out.processor = 1000.0 * static_cast<double>(std::clock() - used) / CLOCKS_PER_SEC;
    Job* mine = &job;
    effect.latest.compare_exchange_strong(mine, nullptr);
    if (alone.owns_lock()) alone.unlock();
    out.polls = job.polls;
    job.output->open();
    if (order.check) {
        const Pixels::Check check = job.output->check(job.window);
        const Blame blame("OfxImageEffectActionRender");
        out.unwritten = check.unwritten;
        if (check.outside > 0) report().violation("wrote outside the render window, first at pixel " + check.first);
        if (!check.guards) report().violation("wrote outside the rows of the output");
        if (check.unwritten > 0 && out.status == abi::ok)
            report().violation("left pixels of the render window unwritten, first " + check.first);
    }
    job.output->write(job.window, out.pixels);
}

void check_sources(Instance& instance) {
    const Blame blame("OfxImageEffectActionRender");
    for (const auto& clip : instance.effect().clips()) {
        for (const auto& [time, frame] : clip->frames) {
            std::vector<unsigned char> now;
            frame.pixels->open();
            frame.pixels->write(frame.pixels->bounds(), now);
            if (now != frame.original) report().violation("wrote into the image of " + clip->name());
        }
    }
}

}  // namespace

RenderResult render(const Order& order) {
    RenderResult result;
    for (Instance* instance : order.instances) {
        const abi::Status status = sequence(*instance, "OfxImageEffectActionBeginSequenceRender", order);
        if (status != abi::ok && status != abi::reply_default) result.begin = status;
    }
    if (result.begin == abi::ok) {
        for (std::size_t i = 0; i < order.instances.size(); ++i) {
            for (const double time : order.times) {
                if (order.windows.empty()) result.all.push_back({i, time});
                for (const abi::RectI& window : order.windows) result.all.push_back({i, time, window});
            }
        }
        const std::vector<Rendered> asked = result.all;
        const std::size_t total = result.all.size() * static_cast<std::size_t>(order.repeat);
        std::atomic<std::size_t> next{0};
        std::mutex lock;
        std::string error;
        const auto worker = [&] {
            for (std::size_t i = next++; i < total; i = next++) {
                Rendered one = asked[i % asked.size()];
                try {
                    work(order, *order.instances[one.instance], one);
                } catch (const std::exception& failure) {
                    const std::lock_guard<std::mutex> held(lock);
                    error = failure.what();
                }
                const std::lock_guard<std::mutex> held(lock);
                result.all[i % asked.size()] = std::move(one);
            }
        };
        const auto start = Clock::now();
        if (order.threads <= 1) {
            worker();
        } else {
            std::vector<std::thread> threads;
            for (int i = 0; i < order.threads; ++i) threads.emplace_back(worker);
            for (std::thread& one : threads) one.join();
        }
        result.milliseconds = since(start);
        if (!error.empty()) throw std::runtime_error(error);
    }
    for (Instance* instance : order.instances)
        result.end = sequence(*instance, "OfxImageEffectActionEndSequenceRender", order);
    if (order.source_check) {
        for (Instance* instance : order.instances) check_sources(*instance);
    }
    return result;
}

}  // namespace host
