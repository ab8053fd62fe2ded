// JSON and QC results: what is read, and what is refused by name.
#include <cmath>
#include <string>

#include "../../../engines/native/tests/check.hpp"
#include "candela/trouble.hpp"
#include "payload/frame_name.hpp"
#include "qc/json.hpp"
#include "qc/result.hpp"

namespace {

using namespace candela::plugin;

std::string refused(const std::string& text) {
    try {
        parse_qc(text);
    } catch (const candela::Trouble& trouble) {
        return trouble.what();
    }
    return {};
}

void values() {
    const auto v = json::parse(R"( {"a": [1, -2.5e3, true, null, "\u00e9\ud83d\ude00\n\ud800x"], "a": 7} )");
    const auto& list = *v.member("a")->array();
    CHECK(list.size() == 5 && *list[0].number() == 1 && *list[1].number() == -2500);
    CHECK(*list[4].text() == "\xc3\xa9\xf0\x9f\x98\x80\n\xef\xbf\xbdx");
    CHECK(!v.member("b") && !list[0].member("a"));
    for (const char* bad : {"", "{", "[1,]", "{\"a\" 1}", "01", "1.", "1e", "nul", "\"\\x\"", "\"\\u12\"", "[1] 2", "+1", "1e999",
                            "\"\x01\"", "{\"a\":1,}", "NaN", "-"}) {
        bool failed = false;
        try {
            json::parse(bad);
        } catch (const candela::Trouble&) {
            failed = true;
        }
        CHECK(failed);
    }
    // As deep as allowed, and one more.
    const auto nested = [](int depth) { return std::string(depth, '[') + std::string(depth, ']'); };
    json::parse(nested(json::most_depth + 1));
    bool failed = false;
    try {
        json::parse(nested(100000));
    } catch (const candela::Trouble&) {
        failed = true;
    }
    CHECK(failed);
}

void results() {
    const auto r = parse_qc(R"({"width_px": 200, "height_px": 100, "later": {}, "shots": [
        {"first": 10, "last": 19, "name": "A", "score": 3.25, "new": 1, "reasons": [
            {"kind": "clipped", "severity": "Issue", "sentence": "Highlights are clipped.", "box": [20, 10, 100, 50]},
            {"kind": "no sentence"}, {"sentence": "odd box", "severity": "odd", "box": [1, 2, 3]}]},
        {"first": 20, "last": 20}]})");
    CHECK(r.shots.size() == 2 && !r.at(9) && !r.at(21));
    const QcShot& shot = *r.at(19);
    CHECK(shot.name == "A" && *shot.score == 3.25 && shot.reasons.size() == 2);
    CHECK(shot.reasons[0].severity == Severity::issue && (*shot.reasons[0].box)[0] == 0.1 && (*shot.reasons[0].box)[3] == 0.5);
    CHECK(shot.reasons[1].severity == Severity::fyi && !shot.reasons[1].box);
    CHECK(!r.at(20)->score);
    CHECK(refused("[]").find("no list of shots") != std::string::npos);
    CHECK(refused(R"({"shots": [{"first": 2, "last": 1}]})").find("shot 1") != std::string::npos);
    CHECK(refused(R"({"shots": [{"first": 0.5, "last": 1}]})").find("shot 1") != std::string::npos);
    CHECK(refused("{\n\n\"shots\": [}").find("line 3") != std::string::npos);
}

// The names that tests/media/test_sequence_names.py has for Python.
void names() {
    const auto same = [](const char* pattern, std::int64_t frame, const char* wanted) { CHECK(path_of_frame(pattern, frame) == wanted); };
    same("/none/shot.####.exr", 7, "/none/shot.0007.exr");
    same("/none/shot.@@@.exr", 12345, "/none/shot.12345.exr");
    same("/none/shot.%04d.exr", 1001, "/none/shot.1001.exr");
    same("/none/shot.%d.exr", 5, "/none/shot.5.exr");
    same("/none/shot.$F4.exr", 12, "/none/shot.0012.exr");
    same("/none/shot.$F.exr", 12, "/none/shot.12.exr");
    same("/none/shot.####.exr", -5, "/none/shot.-005.exr");
    same("/none/shot.1001-1100####.exr", 1050, "/none/shot.1050.exr");
    same("/none/shot.[1001-1100].exr", 1050, "/none/shot.1050.exr");
    same("/none/cam_2####.exr", 7, "/none/cam_20007.exr");
    same("/none/take#2.png", 7, "/none/take#2.png");
    same("/none/logo@2x.png", 7, "/none/logo@2x.png");
    same("/none/20%done.png", 7, "/none/20%done.png");
    same("/no$Fne/####/shot.mov", 7, "/no$Fne/####/shot.mov");
    bool failed = false;
    try {
        path_of_frame("/none/a.##.b.##.exr", 1);
    } catch (const std::runtime_error&) {
        failed = true;
    }
    CHECK(failed);
}

}  // namespace

int main() {
    values();
    results();
    names();
}
