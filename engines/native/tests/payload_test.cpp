// Payloads, reels and their models: what is read, what is refused, and what many threads get at once.
#include "candela/model.hpp"

#include <cmath>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

#include "candela/coding.hpp"
#include "check.hpp"
#include "sealed.hpp"

namespace {

using candela::Model, candela::Trouble;
using namespace std::string_view_literals;

constexpr int width = 50, height = 20;

// A shot whose bias moves from one end to the other, or a still: one linear layer over the base.
Bytes payload(bool shot, std::size_t first = 100, std::size_t last = 104) {
    const int inputs = shot ? 8 : 7;
    candela::QuantisedLayer layer{inputs, 3, std::vector<std::int32_t>(static_cast<std::size_t>(3 * inputs)), {4, 0, 0}, {250, 250, 250}};
    if (shot) layer.weights[21] = 7;
    const candela::QuantisedLayer layers[] = {layer};
    Bytes out;
    put(out, {0xA0 + (shot ? 11 : 10), 0, 1, 1, 0, 2});
    numbers(out, {width, height});
    put(out, {3});
    string(out, 2, Bytes(16));
    put(out, {4});
    string(out, 3, "rec709"sv);
    put(out, {5});
    string(out, 3, "rec2100-pq"sv);
    put(out, {6});
    numbers(out, {4000, 50, 200, 0xFFFF, 0, 0});
    put(out, {8, 8, 9});
    if (shot) numbers(out, {0, 0, 0, 8, 0, 0, 0, 1, 0, 0, 4096, 2, 0});
    else numbers(out, {0, 0, 0, 8, 0, 0, 0, 1, 0, 0, 4096});
    put(out, {10, 0x81});
    string(out, 2, candela::encode_layers(layers));
    if (shot) {
        put(out, {11});
        numbers(out, {first, last});
    }
    return sealed("CNDL", out);
}

Bytes reel(std::initializer_list<Bytes> payloads) {
    Bytes out;
    put(out, {0xA2, 0, 1, 1, 0x80 + static_cast<int>(payloads.size())});
    for (const auto& each : payloads) {
        if (each.size() < 256) put(out, {2 << 5 | 24, static_cast<int>(each.size())});
        else head(out, 2, each.size());
        out.insert(out.end(), each.begin(), each.end());
    }
    return sealed("CNDR", out);
}

template <class F>
bool refused(Trouble::Kind kind, F f) {
    try {
        f();
    } catch (const Trouble& error) {
        return error.kind() == kind && *error.what();
    }
    return false;
}

std::vector<float> rendered(const Model& model, std::int64_t frame) {
    const std::vector<std::uint8_t> codes(3 * width * height, 200);
    std::vector<float> out(codes.size());
    const candela::Source picture{codes.data(), candela::Sample::u8, 8, width, height, candela::Layout::packed(width, candela::Sample::u8)};
    const candela::Target target{out.data(), candela::Sample::f32, 16, candela::Layout::packed(width, candela::Sample::f32)};
    const auto network = model.at(frame);
    network->render(picture, *network->prepare(picture, 1), {0, 0, width, height}, target, {});
    return out;
}

void fields_and_frames() {
    const Model still = Model::of(payload(false)), shot = Model::of(payload(true));
    CHECK(!still.shots()[0].frames && still.width() == width && still.height() == height);
    CHECK(std::isinf(still.shots()[0].fidelity.worst_pu_psnr) && still.shots()[0].fidelity.pu_psnr == 40);
    CHECK(still.shot_of(-7) == 0 && still.at(1) == still.at(2));
    CHECK(shot.shot_of(100) == 0 && shot.shot_of(104) == 0 && !shot.shot_of(99) && !shot.shot_of(105));
    CHECK(shot.at(101) == shot.at(101) && shot.at(101) != shot.at(102));
    CHECK(refused(Trouble::Kind::frame, [&] { shot.at(105); }));
    // Red moves evenly; the others stand.
    const float first = rendered(shot, 100)[0], middle = rendered(shot, 102)[0], last = rendered(shot, 104)[0];
    CHECK(first < middle && std::abs(2 * middle - first - last) < 1e-5f);
    CHECK(rendered(shot, 100)[1] == rendered(shot, 104)[1]);
}

void reels() {
    const Model model = Model::of(reel({payload(true), payload(true, 200, 200)}));
    CHECK(model.shots().size() == 2 && model.shot_of(200) == 1 && !model.shot_of(150));
    CHECK(rendered(model, 200) == rendered(model, 100));
    CHECK(refused(Trouble::Kind::payload, [] { Model::of(reel({payload(true), payload(true)})); }));
    CHECK(refused(Trouble::Kind::payload, [] { Model::of(reel({payload(false)})); }));
    CHECK(refused(Trouble::Kind::payload, [] { Model::of(reel({})); }));
}

void damage() {
    const Bytes sound = payload(true);
    for (std::size_t size = 0; size < sound.size(); ++size) {
        CHECK(refused(Trouble::Kind::payload, [&] { Model::of({sound.data(), size}); }));
    }
    for (std::size_t at = 0; at < sound.size(); ++at) {
        Bytes spoiled = sound;
        spoiled[at] ^= 0x10;
        CHECK(refused(Trouble::Kind::payload, [&] { Model::of(spoiled); }));
    }
}

void many_threads() {
    const Model model = Model::of(payload(true, 0, 40));
    const auto wanted = rendered(Model::of(payload(true, 0, 40)), 17);
    std::vector<std::thread> threads;
    std::vector<int> good(4);
    for (int t = 0; t < 4; ++t) {
        threads.emplace_back([&, t] {
            for (int frame = 0; frame <= 40; ++frame) rendered(model, (frame + 10 * t) % 41);
            good[static_cast<std::size_t>(t)] = rendered(model, 17) == wanted;
        });
    }
    for (auto& thread : threads) thread.join();
    for (const int each : good) CHECK(each);
}

void files() {
    namespace fs = std::filesystem;
    const fs::path path = fs::temp_directory_path() / ("candela_payload_test_" + std::to_string(std::hash<std::thread::id>{}(std::this_thread::get_id())) + ".cin");
    const fs::path beside = candela::sidecar_path(path);
    CHECK(refused(Trouble::Kind::media, [&] { Model::open(path); }));
    std::ofstream(path) << "a picture";
    CHECK(refused(Trouble::Kind::no_payload, [&] { Model::open(path); }));
    Bytes file;
    put(file, {0x89, 'C', 'N', 'D', 'L', '\r', '\n', 0x1A});
    const Bytes inside = payload(false);
    file.insert(file.end(), inside.begin(), inside.end());
    const std::uint32_t crc = candela::crc32(inside);
    for (int shift = 24; shift >= 0; shift -= 8) put(file, {static_cast<int>(crc >> shift & 255)});
    std::ofstream(beside, std::ios::binary).write(reinterpret_cast<const char*>(file.data()), static_cast<std::streamsize>(file.size()));
    const Model model = Model::open(path);
    CHECK(model.path() == beside && model.carrier() == "sidecar"sv);
    fs::remove(path);
    fs::remove(beside);
}

}  // namespace

int main() {
    fields_and_frames();
    reels();
    damage();
    many_threads();
    files();
}
