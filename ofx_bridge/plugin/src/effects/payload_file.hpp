// The file that carries a network, as parameters name it, and the frame in it that the host's time is.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "candela/model.hpp"
#include "effect.hpp"

namespace candela::plugin {

// Which number a movie's first frame has for the host: movies count from 0, and sequences as their files do (docs/shots.md).
enum class Numbering { automatic, as_host, from_source };

struct Found {
    std::shared_ptr<const Model> model;
    std::int64_t frame = 0;

    // Null where the frame is in none of its shots.
    const Payload* shot() const {
        const auto at = model->shot_of(frame);
        return at ? &model->shots()[*at] : nullptr;
    }
};

// path: of a file or of a sequence. host_frame: with offsets in it. Throws Trouble.
Found find_payload_of(ofx::Effect effect, const std::string& path, std::int64_t host_frame, Numbering numbering);

}  // namespace candela::plugin
