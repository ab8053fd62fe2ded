// The commands about pictures: frames of clips, questions, and rendering.
#include <sys/resource.h>

#include <fstream>
#include <iterator>
#include <stdexcept>

#include "render.hpp"
#include "session.hpp"

namespace host {
namespace {

std::vector<unsigned char> bytes_of_file(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    if (!in) throw std::invalid_argument("cannot be read: " + path);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

Json list(const abi::RectI& r) { return Json(true).push(r.x1).push(r.y1).push(r.x2).push(r.y2); }
Json list(const abi::RectD& r) { return Json(true).push(r.x1).push(r.y1).push(r.x2).push(r.y2); }

abi::RectI window_of(const std::string& text) {
    const auto n = Command("x w=" + text).numbers("w");
    if (n.size() != 4) throw std::invalid_argument("a window is x1,y1,x2,y2, not " + text);
    return {static_cast<int>(n[0]), static_cast<int>(n[1]), static_cast<int>(n[2]), static_cast<int>(n[3])};
}

Fence fence_of(const Command& command) {
    const std::string name = command.text("fence", "none");
    if (name != "none" && name != "before" && name != "after")
        throw std::invalid_argument("a fence is none, before or after");
    return name == "before" ? Fence::before : name == "after" ? Fence::after : Fence::none;
}

}  // namespace

void Session::frame(const Command& command, Json& out) {
    Instance& one = instance(command);
    const std::string name = command.text("clip", "Source");
    Clip* clip = one.effect().clip(name);
    if (clip == nullptr) throw std::invalid_argument("no clip " + name);
    const int width = command.whole("width", 0), height = command.whole("height", 0);
    const int x = command.whole("x", 0), y = command.whole("y", 0);
    Frame frame;
    frame.components = command.text("components", clip->properties->text("OfxImageEffectPropComponents"));
    frame.depth = command.text("depth", clip->properties->text("OfxImageEffectPropPixelDepth"));
    frame.scale = command.number("scale", 1);
    Layout layout{components_of(frame.components), depth_of(frame.depth), command.whole("padding", 0),
                  command.flag("downwards"), fence_of(command)};
    const abi::RectI bounds{x, y, x + width, y + height};
    frame.pixels = std::make_shared<Pixels>(bounds, layout);
    frame.original = bytes_of_file(command.text("file"));
    const auto size = static_cast<std::size_t>(width) * static_cast<std::size_t>(height * frame.pixels->pixel_bytes());
    if (frame.original.size() != size) {
        throw std::invalid_argument("the file has " + std::to_string(frame.original.size()) + " bytes, the frame " +
                                    std::to_string(size));
    }
    frame.pixels->read(bounds, frame.original.data());
    const double time = command.number("time", one.effect().first);
    static int loads = 0;
    frame.id = name + " " + std::to_string(time) + " " + std::to_string(++loads);
    const bool format = frame.components != clip->properties->text("OfxImageEffectPropComponents") ||
                        frame.depth != clip->properties->text("OfxImageEffectPropPixelDepth");
    if (format) one.set_format(name, frame.components, frame.depth);
    const bool connected = clip->properties->integer("OfxImageClipPropConnected") != 0;
    clip->frames[time] = std::move(frame);
    clip->properties->put("OfxImageClipPropConnected", 1);
    if (command.has("colourspace")) clip->properties->put("OfxImageClipPropColourspace", command.text("colourspace"));
    // A new connection is told; another frame of the same clip is not.
    if (!connected || format || command.flag("tell"))
        out.add("status", one.changed("OfxTypeClip", name, time, "OfxChangeUserEdited"));
}

void Session::disconnect(const Command& command, Json& out) {
    Instance& one = instance(command);
    const std::string name = command.text("clip", "Source");
    Clip* clip = one.effect().clip(name);
    if (clip == nullptr) throw std::invalid_argument("no clip " + name);
    clip->frames.clear();
    if (!profile_.always_connected) clip->properties->put("OfxImageClipPropConnected", 0);
    out.add("status", one.changed("OfxTypeClip", name, one.effect().time, "OfxChangeUserEdited"));
}

void Session::forbid(const Command& command, Json&) {
    for (const auto& clip : instance(command).effect().clips()) {
        for (auto& [time, frame] : clip->frames) frame.pixels->keep_last_closed();
    }
}

void Session::ask(const Command& command, Json& out) {
    Instance& one = instance(command);
    const std::string what = command.text("what");
    const double time = command.number("time", one.effect().first), scale = command.number("scale", 1);
    if (what == "region") {
        abi::RectD region{};
        out.add("status", one.region(time, scale, region)).add("region", list(region));
    } else if (what == "interest") {
        const auto n = command.numbers("region");
        if (n.size() != 4) throw std::invalid_argument("ask what=interest needs region=x1,y1,x2,y2");
        std::map<std::string, abi::RectD> regions;
        out.add("status", one.regions_of_interest(time, scale, {n[0], n[1], n[2], n[3]}, regions));
        Json all;
        for (const auto& [clip, region] : regions) all.add(clip, list(region));
        out.add("regions", all);
    } else if (what == "frames") {
        std::map<std::string, std::vector<double>> ranges;
        out.add("status", one.frames_needed(time, ranges));
        Json all;
        for (const auto& [clip, range] : ranges) all.add(clip, host::list(range));
        out.add("ranges", all);
    } else if (what == "domain") {
        double first = 0, last = 0;
        out.add("status", one.time_domain(first, last)).add("first", first).add("last", last);
    } else if (what == "identity") {
        std::string clip;
        double at = 0;
        out.add("status", one.identity(time, scale, window_of(command.text("window")), clip, at))
            .add("clip", clip)
            .add("time", at);
    } else if (what == "preferences") {
        out.add("status", one.preferences()).add("varying", one.frame_varying);
        Json wanted;
        for (const auto& [clip, spaces] : one.preferred_colourspaces) wanted.add(clip, host::list(spaces));
        out.add("colourspaces", wanted);
    } else if (what == "colourspace") {
        std::string space;
        out.add("status", one.output_colourspace(command.texts("preferred"), space)).add("colourspace", space);
    } else {
        throw std::invalid_argument("nothing to ask: " + what);
    }
}

void Session::render(const Command& command, Json& out) {
    Order order;
    for (const std::string& id : command.texts("ids")) {
        const auto at = instances_.find(id);
        if (at == instances_.end()) throw std::invalid_argument("no instance " + id);
        order.instances.push_back(at->second.get());
    }
    if (order.instances.empty()) order.instances.push_back(&instance(command));
    order.times = command.numbers("times");
    if (order.times.empty()) order.times.push_back(order.instances[0]->effect().first);
    for (const std::string& one : command.texts("windows", ';')) order.windows.push_back(window_of(one));
    order.scale = command.number("scale", 1);
    order.threads = command.whole("threads", 1);
    order.repeat = command.whole("repeat", 1);
    order.tight = command.flag("tight");
    order.layout.padding = command.whole("padding", 0);
    order.layout.downwards = command.flag("downwards");
    order.layout.fence = fence_of(command);
    order.abort_after = command.whole("abort", -1);
    order.ask_identity = command.flag("identity", true);
    order.check = order.source_check = command.flag("check", true);
    order.sequential = command.flag("sequential");
    order.interactive = command.flag("interactive");
    order.draft = command.flag("draft");
    if (order.repeat < 1 || order.threads < 1) throw std::invalid_argument("at least one thread and one repetition");
    const RenderResult result = host::render(order);
    std::ofstream file;
    if (command.has("out")) file.open(command.text("out"), std::ios::binary);
    Json all(true);
    for (const Rendered& one : result.all) {
        all.push(Json()
                     .add("instance", static_cast<int>(one.instance))
                     .add("time", one.time)
                     .add("window", list(one.window))
                     .add("status", one.status)
                     .add("milliseconds", one.milliseconds)
                     .add("processor", one.processor)
                     .add("polls", one.polls)
                     .add("identity", one.identity)
                     .add("unwritten", one.unwritten)
                     .add("components", one.components)
                     .add("depth", one.depth)
                     .add("bytes", static_cast<long>(one.pixels.size())));
        file.write(reinterpret_cast<const char*>(one.pixels.data()), static_cast<std::streamsize>(one.pixels.size()));
    }
    out.add("begin", result.begin).add("end", result.end).add("milliseconds", result.milliseconds).add("renders", all);
}

void Session::usage(const Command&, Json& out) {
    rusage used{};
    getrusage(RUSAGE_SELF, &used);
    out.add("peak_kib", static_cast<long>(used.ru_maxrss));
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);) {
        if (line.rfind("VmRSS:", 0) == 0) out.add("now_kib", std::stol(line.substr(6)));
    }
}

}  // namespace host
