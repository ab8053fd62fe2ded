// QC results with bytes changed, cut and doubled: each is read or refused, and nothing else happens. --runs N [--seed N]
#include <cstdlib>
#include <cstring>
#include <random>
#include <string>

#include "candela/trouble.hpp"
#include "payload/frame_name.hpp"
#include "qc/result.hpp"

int main(int argc, char** argv) {
    long runs = 20000;
    unsigned seed = 1;
    for (int i = 1; i + 1 < argc; i += 2) {
        if (!std::strcmp(argv[i], "--runs")) runs = std::atol(argv[i + 1]);
        if (!std::strcmp(argv[i], "--seed")) seed = static_cast<unsigned>(std::atol(argv[i + 1]));
    }
    const std::string sound = R"({"width_px": 200, "height_px": 100, "shots": [{"first": 10, "last": 19, "name": "A\u00e9",
        "score": 3.25e0, "reasons": [{"kind": "clipped", "severity": "issue", "sentence": "High\"lights.", "box": [20, 10, 100, 50]},
        {"sentence": "x"}, null, [[[]]], true]}, {"first": -20, "last": 20}]})";
    const std::string alphabet = "{}[]\",:\\u0123456789eE+-.truefalsn \n\t\x01\x80\xff#@%d$F";
    std::mt19937 random(seed);
    const auto below = [&](std::size_t n) { return random() % n; };
    long read = 0;
    for (long run = 0; run < runs; ++run) {
        std::string text = sound;
        for (std::size_t changes = 1 + below(6); changes--;) {
            const std::size_t at = below(text.size());
            switch (below(4)) {
                case 0: text[at] = alphabet[below(alphabet.size())]; break;
                case 1: text.erase(at, 1 + below(8)); break;
                case 2: text.insert(at, 1, alphabet[below(alphabet.size())]); break;
                default: text.insert(at, text.substr(below(text.size()), below(40)));
            }
            if (text.empty()) text = " ";
        }
        try {
            candela::plugin::parse_qc(text);
            ++read;
        } catch (const candela::Trouble&) {
        }
        try {
            candela::plugin::path_of_frame("/none/" + text.substr(0, 60), static_cast<int>(random()));
        } catch (const std::runtime_error&) {
        }
    }
    return read > 0 ? 0 : 1;
}
